/** Every known bug, and by what it was caught. */
import { cannotApply, mutants, waiting } from "../../test/simulation/mutants";
import { hunt, isCaught } from "../../test/simulation/mutants/hunt";

const ID_WIDTH = 5;
const CAUGHT_WIDTH = 36;
const SEEDS_WIDTH = 12;

const row = (id: string, caughtBy: string, seeds: string, bug: string) =>
  console.log(
    id.padEnd(ID_WIDTH) + caughtBy.padEnd(CAUGHT_WIDTH) + seeds.padEnd(SEEDS_WIDTH) + bug,
  );

/** Whether every mutant was caught by what is there to catch it. */
export function printMutants(seedsMax: number): boolean {
  row("id", "caught by", "seeds", "bug");
  let isWell = true;
  for (const mutant of mutants) {
    const caught = hunt(mutant, seedsMax);
    const hasRun = [...caught.runs.values()].every((count) => count > 0);
    const isGood = isCaught(mutant, caught) && hasRun;
    isWell &&= isGood;
    const by = `${isGood ? "" : "! "}${caught.violation?.invariant ?? "nothing"}`;
    const how = `${caught.seeds}${mutant.script ? " by script" : ""}`;
    row(mutant.id, by, how, hasRun ? mutant.bug : `an override never ran: ${mutant.bug}`);
  }
  for (const [id, reason] of Object.entries(waiting)) row(id, "waiting", "", reason);
  for (const [id, reason] of Object.entries(cannotApply)) row(id, "cannot apply", "", reason);
  return isWell;
}
