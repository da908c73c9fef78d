/**
 * One of the processes that search: `bun worker.ts FIRST STRIDE LAST [MUTANT]`. Says one line of
 * JSON for each seed.
 */
import { attempt } from "../../test/simulation/attempt";
import { drawScenario } from "../../test/simulation/draw-scenario";
import { mutantRecipe } from "./mutant-recipe";

const [first, stride, last] = process.argv.slice(2, 5).map(Number);
const mutant = process.argv[5];

for (let seed = first ?? 1; seed <= (last ?? 0); seed += stride ?? 1) {
  const tried = attempt(drawScenario(`${seed}`), { recipe: mutantRecipe(mutant) });
  // Synchronous, so that a process that dies has said what it knew.
  process.stdout.write(`${JSON.stringify({ seed, ...tried })}\n`);
}
