/** Nobody is elected anew while a leader that a majority can hear is there. */
import type { Stage } from "./script";

/** Errors: `InvariantViolation`. */
export function stableTerms({ kit, run }: Stage, ms: number): void {
  const highest = () =>
    Math.max(...kit.nodes.map(({ running }) => running?.actor.raft.context.currentTerm ?? 0));
  const before = highest();
  kit.run(ms);
  const after = highest();
  if (after > before) run.cluster.violate("L stable terms", `terms ran from ${before} to ${after}`);
}
