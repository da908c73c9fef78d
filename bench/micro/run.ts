/**
 * Times every piece in this process and writes one line of JSON for each: its name and the time of
 * one operation, or why it could not be timed. Started by `main.ts`, for each revision anew.
 */
import { join } from "node:path";
import { Bench } from "tinybench";
import type { MicroBenchmark } from "./micro-benchmark";

/** What one process found. */
export type MicroResult =
  | { readonly name: string; readonly nanoseconds: number }
  | { readonly name: string; readonly failure: string };

const SUITES = join(import.meta.dir, "suites");
const NANOSECONDS_PER_MS = 1e6;
/** The compiler is given so long before anything counts. Units: ms. */
const WARM_UP_MS = 300;
const ITERATIONS_MIN = 5;

async function time(benchmark: MicroBenchmark, timeMs: number): Promise<MicroResult> {
  const { name, operations } = benchmark;
  const bench = new Bench({
    time: timeMs,
    iterations: ITERATIONS_MIN,
    warmupTime: WARM_UP_MS,
    warmupIterations: ITERATIONS_MIN,
    throws: true,
  });
  let run: () => void | Promise<void> = () => {};
  bench.add(name, () => run(), {
    async: benchmark.isAsync ?? false,
    beforeEach: () => {
      run = benchmark.prepare();
    },
  });
  const [task] = await bench.run();
  if (task?.result.state !== "completed") throw new Error(`it ended ${task?.result.state}`);
  return { name, nanoseconds: (task.result.latency.p50 * NANOSECONDS_PER_MS) / operations };
}

const inWords = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replaceAll(`${process.cwd()}/`, "");

/** A suite that does not even load at a revision has one result: why. */
async function timeSuite(
  file: string,
  { only, timeMs }: { readonly only: string; readonly timeMs: number },
): Promise<readonly MicroResult[]> {
  const results: MicroResult[] = [];
  let name = `suite ${file}`;
  try {
    const module: { readonly default: readonly MicroBenchmark[] } = await import(
      join(SUITES, file)
    );
    for (const benchmark of module.default) {
      name = benchmark.name;
      if (name.includes(only)) results.push(await time(benchmark, timeMs));
    }
  } catch (error) {
    results.push({ name, failure: inWords(error) });
  }
  return results;
}

if (import.meta.main) {
  const [timeMs = "500", only = ""] = process.argv.slice(2);
  for (const file of [...new Bun.Glob("*.ts").scanSync({ cwd: SUITES })].sort()) {
    for (const result of await timeSuite(file, { only, timeMs: Number(timeMs) })) {
      console.log(JSON.stringify(result));
    }
  }
}
