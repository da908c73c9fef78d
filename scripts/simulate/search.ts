/** Many seeds, one process for each core, a summary, and whatever failed, shrunk. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Attempt, attempt } from "../../test/simulation/attempt";
import { drawScenario } from "../../test/simulation/draw-scenario";
import { markNames } from "../../test/simulation/marks";
import { writeScenario } from "../../test/simulation/scenario-file";
import { shrink } from "../../test/simulation/shrink";
import { mutantRecipe } from "./mutant-recipe";

export interface SearchOptions {
  readonly from: number;
  readonly seeds: number;
  readonly mutant: string | undefined;
}

type Tried = Attempt & { readonly seed: number };

/** How many tries the shrinking of one failure may take. */
const SHRINK_ATTEMPTS_MAX = 400;
/** Failures beyond these are only counted. */
const SHRUNK_MAX = 3;
/** Fewer seeds than these may miss a mark by chance. */
const MARKED_SEEDS = 2000;
const BAR_WIDTH = 40;

/** Whether all went well. */
export async function search(options: SearchOptions): Promise<boolean> {
  const { mutant, seeds } = options;
  const startMs = performance.now();
  const tried: Tried[] = [];
  const onTried = (one: Tried) => {
    tried.push(one);
    drawBar(tried.length, seeds, tried.filter(({ violation }) => violation).length);
  };
  const codes = await Promise.all(startWorkers(options, onTried));
  const elapsedS = (performance.now() - startMs) / 1000;
  process.stderr.write("\n");
  tried.sort((a, b) => a.seed - b.seed);
  summarize(tried, elapsedS);
  const failures = tried.filter(({ violation }) => violation !== null);
  for (const failure of failures.slice(0, SHRUNK_MAX)) tellFailure(failure, mutant);
  if (failures.length > SHRUNK_MAX) console.log(`and ${failures.length - SHRUNK_MAX} more`);
  const missed = tried.length < MARKED_SEEDS ? [] : unreached(tried);
  if (missed.length > 0) console.log(`never reached: ${missed.join("; ")}`);
  const isWhole = tried.length === seeds && codes.every((code) => code === 0);
  if (!isWhole) console.log(`only ${tried.length} of ${seeds} seeds came to an end: see above`);
  return isWhole && failures.length === 0 && missed.length === 0;
}

function startWorkers({ from, mutant, seeds }: SearchOptions, onTried: (tried: Tried) => void) {
  const workers = Math.min(seeds, availableParallelism());
  const last = from + seeds - 1;
  return Array.from({ length: workers }, async (_, place) => {
    const args = [from + place, workers, last, ...(mutant ? [mutant] : [])].map(String);
    const worker = Bun.spawn([process.execPath, join(import.meta.dir, "worker.ts"), ...args], {
      stdout: "pipe",
      stderr: "inherit",
    });
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of worker.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onTried(JSON.parse(line) as Tried);
    }
    return worker.exited;
  });
}

function drawBar(done: number, all: number, failed: number): void {
  if (!process.stderr.isTTY && done < all) return;
  const filled = Math.round((BAR_WIDTH * done) / all);
  const bar = "█".repeat(filled).padEnd(BAR_WIDTH, "░");
  process.stderr.write(`\r${bar} ${done}/${all} seeds, ${failed} failed`);
}

function summarize(tried: readonly Tried[], elapsedS: number): void {
  const events = tried.reduce((sum, one) => sum + one.events, 0);
  const rate = Math.round(events / elapsedS);
  console.log(`${tried.length} seeds, ${events} events in ${elapsedS.toFixed(1)} s, ${rate}/s`);
  console.log(`done:   ${counted(tried.map(({ done }) => done))}`);
  console.log(`ended:  ${counted(tried.map(({ ends }) => ends))}`);
  const reached = markNames.map((name) => {
    const runs = tried.filter(({ marks }) => marks.includes(name)).length;
    return `${name} ${runs}`;
  });
  console.log(`marks:  ${reached.join(", ")}`);
}

function counted(maps: readonly Readonly<Record<string, number>>[]): string {
  const sums = new Map<string, number>();
  for (const map of maps) {
    for (const [name, count] of Object.entries(map)) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

const unreached = (tried: readonly Tried[]): readonly string[] =>
  markNames.filter((name) => !tried.some(({ marks }) => marks.includes(name)));

/** Shrinks it, keeps it, and says how to see it again. */
function tellFailure({ seed, violation, atMs }: Tried, mutant: string | undefined): void {
  if (violation === null) return;
  const { invariant, detail } = violation;
  const option = mutant ? ` --mutant ${mutant}` : "";
  console.log(`\nseed ${seed} at ${atMs} ms: ${invariant}: ${detail}`);
  console.log(`  replay: bun run simulate --seed ${seed}${option}`);
  const drawn = drawScenario(`${seed}`);
  const fails = (scenario: typeof drawn) =>
    attempt(scenario, { recipe: mutantRecipe(mutant) }).violation?.invariant === invariant;
  const scenario = shrink({ scenario: drawn, atMs }, fails, SHRINK_ATTEMPTS_MAX);
  const path = writeScenario([mutant?.toLowerCase(), `seed-${seed}`].filter(Boolean).join("-"), {
    // Without the stack of whatever was thrown: it names places on this machine.
    story: detail.split("\n", 1)[0] ?? detail,
    invariant,
    mutant: mutant ?? null,
    scenario,
  });
  console.log(
    `  shrunk from ${drawn.actions.length} to ${scenario.actions.length} actions: ${path}`,
  );
  console.log(`  replay: bun run simulate --scenario ${path}${option}`);
}
