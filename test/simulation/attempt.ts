/** One scenario, carried out to its end or to its violation, and what there is to tell of it. */
import type { NodeRecipe } from "../../src/simulation/cluster-parts";
import { TraceHash } from "../../src/simulation/trace-hash";
import { InvariantViolation } from "../../src/simulation/violation";
import { watchMarks } from "./marks";
import { Run } from "./run";
import type { Scenario } from "./scenario";

export interface Attempt {
  /** null when every promise was kept. */
  readonly violation: { readonly invariant: string; readonly detail: string } | null;
  /** Virtual time at the end. Units: ms. */
  readonly atMs: number;
  readonly events: number;
  /** How often each kind of action was done. */
  readonly done: Readonly<Record<string, number>>;
  /** The "sometimes" marks that were reached. */
  readonly marks: readonly string[];
  /** How requests ended, by kind. */
  readonly ends: Readonly<Record<string, number>>;
  /** Of everything that happened. */
  readonly hash: string;
}

export interface AttemptOptions {
  readonly recipe?: Partial<NodeRecipe>;
  /** Lets somebody look on. */
  readonly watch?: (run: Run) => void;
}

/** Errors other than violations are thrown: they are mistakes in the simulator. */
export function attempt(scenario: Scenario, { recipe, watch }: AttemptOptions = {}): Attempt {
  const run = new Run(scenario, recipe);
  const trace = new TraceHash(run.cluster);
  const marks = watchMarks(run);
  watch?.(run);
  let violation: InvariantViolation | null = null;
  try {
    run.carryOut();
  } catch (error) {
    if (!(error instanceof InvariantViolation)) throw error;
    violation = error;
  }
  return {
    violation: violation && { invariant: violation.invariant, detail: violation.detail },
    atMs: run.cluster.clock.nowMs,
    events: run.cluster.clock.fired,
    done: Object.fromEntries(run.done),
    marks: [...marks],
    ends: Object.fromEntries(run.clients.ends),
    hash: trace.value,
  };
}
