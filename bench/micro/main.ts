/**
 * `bun run bench:micro`: what the pieces of a write cost, each alone.
 *
 *   --compare REV   the same of another revision, in turns: A B, then B A, each in a new process
 *   --rounds 7      so many runs of each side
 *   --only log      pieces whose name has this in it
 *   --quick         shows that it works
 *
 * The benchmarks are those of the working tree on both sides; only `src` differs. What cannot run
 * against the other revision's `src` is told, and left out.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare, comparisonTable, type MicroRun } from "./comparison";
import { withRevision } from "./revision";
import type { MicroResult } from "./run";

const ROUNDS_DEFAULT = 7;
const TIME_MS = 500;
const QUICK_TIME_MS = 20;

const { values } = parseArgs({
  options: {
    compare: { type: "string" },
    rounds: { type: "string" },
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 1 : ROUNDS_DEFAULT));
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error("--rounds takes a whole number from 1");
  process.exit(2);
}

/** Times everything once, in a new process, against the `src` in `folder`. */
async function runIn(folder: string): Promise<readonly MicroResult[]> {
  const timeMs = values.quick ? QUICK_TIME_MS : TIME_MS;
  const command = [process.execPath, "bench/micro/run.ts", `${timeMs}`, values.only];
  const child = Bun.spawn(command, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`the benchmarks ended ${child.exitCode}`);
  return output
    .trim()
    .split("\n")
    .map((line): MicroResult => JSON.parse(line));
}

/** Both sides in turns; only the present one where there is no other. */
async function runAll(baseFolder: string | null): Promise<readonly MicroRun[]> {
  const present = { side: "present", folder: join(import.meta.dir, "../..") } as const;
  const sides = baseFolder === null ? [] : [{ side: "base", folder: baseFolder } as const];
  const runs: MicroRun[] = [];
  for (let round = 1; round <= rounds; round++) {
    const turn = [...sides, present];
    for (const { side, folder } of round % 2 === 0 ? turn.toReversed() : turn) {
      console.error(`round ${round}: ${side}`);
      runs.push({ side, results: await runIn(folder) });
    }
  }
  return runs;
}

const base = values.compare ?? null;
const runs = base === null ? await runAll(null) : await withRevision(base, runAll);
console.log(comparisonTable(compare(runs), base));
