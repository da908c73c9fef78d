/** Looks for a mutant: by its script, or in random clusters. */
import { InvariantViolation } from "../../../src/simulation/violation";
import { drawScenario } from "../draw-scenario";
import { Run } from "../run";
import { type Mutant, type Runs, recipeOf } from "./mutant";
import { playScript } from "./script";

export interface Hunt {
  /** What was broken; null when nothing was. */
  readonly violation: InvariantViolation | null;
  /** How many seeds it took. */
  readonly seeds: number;
  readonly runs: Runs;
}

/** Tries seeds from 1 on until an invariant is broken. */
export function hunt(mutant: Mutant, seedsMax: number): Hunt {
  const runs: Runs = new Map();
  const { script } = mutant;
  const last = script ? Math.min(seedsMax, script.seedsMax) : seedsMax;
  for (let seed = 1; seed <= last; seed++) {
    const recipe = recipeOf(mutant, runs);
    try {
      if (script) playScript(script, `${seed}`, recipe);
      else new Run(drawScenario(`${seed}`), recipe).carryOut();
    } catch (error) {
      if (!(error instanceof InvariantViolation)) throw error;
      return { violation: error, seeds: seed, runs };
    }
  }
  return { violation: null, seeds: last, runs };
}

/** Whether it was caught by what should catch it. */
export const isCaught = ({ caughtBy }: Mutant, { violation }: Hunt): boolean =>
  violation !== null && caughtBy.some((name) => violation.invariant.startsWith(name));
