/**
 * `bun run simulate`: whole clusters from seeds, with every invariant looking on.
 *
 *   --seed N             replays one run and prints what happened, and its hash
 *   --scenario PATH      the same for a scenario file
 *   --seeds N [--from K] runs many, on all cores; shrinks what fails
 *   --mutants [--seeds N] puts every known bug in and prints by what it was caught
 *   --mutant M25         with --seed, --seeds or --scenario: puts this one in
 *
 * Exit code 0 only if every promise was kept, and with --mutants every mutant was caught.
 */
import { parseArgs } from "node:util";
import { mutants } from "../test/simulation/mutants";
import { printMutants } from "./simulate/mutant-table";
import { replay } from "./simulate/replay";
import { search } from "./simulate/search";

/** How many seeds a mutant without a script may survive. */
const MUTANT_SEEDS_MAX = 2000;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    scenario: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    mutants: { type: "boolean", default: false },
    mutant: { type: "string" },
  },
});

/** Ends the program, for what was asked makes no sense. */
function misused(reason: string): never {
  console.error(`${reason}\nusage: bun run simulate --seed N | --seeds N [--from K] | --mutants`);
  process.exit(2);
}

function wholeOf(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) misused(`--${name} takes a whole number from 1`);
  return value;
}

const { mutant } = values;
if (mutant !== undefined && !mutants.some(({ id }) => id === mutant)) {
  misused(`there is no mutant ${mutant}`);
}

async function main(): Promise<boolean> {
  const { from, mutants: isForMutants, scenario, seed, seeds } = values;
  if (isForMutants) return printMutants(seeds ? wholeOf("seeds", seeds) : MUTANT_SEEDS_MAX);
  if (scenario !== undefined) return replay({ scenario }, mutant);
  if (seed !== undefined) return replay({ seed }, mutant);
  if (seeds === undefined) misused("nothing to do");
  return search({ from: wholeOf("from", from), seeds: wholeOf("seeds", seeds), mutant });
}

process.exitCode = (await main()) ? 0 : 1;
