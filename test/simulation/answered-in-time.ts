/** Whoever asks a node is told an end within the time that the request gave it. */
import { DEADLINE_TICK_MS } from "../../src/actors/deadlines";
import type { SimulatedCluster } from "../../src/simulation/cluster";
import type { SimulatedNode } from "../../src/simulation/node";

/** What a node breaks that leaves a caller without an end. */
export const ANSWERED = "L answered in time";
/** How much later than its timeout a request may end. Units: ms. */
const LATE_MS_MAX = 2 * DEADLINE_TICK_MS;

export interface Asked {
  readonly node: SimulatedNode;
  readonly timeoutMs: number;
  readonly isAnswered: () => boolean;
}

/**
 * From now on: a dead process owes nothing, and one that sleeps not before it has woken, which may
 * have been a moment ago.
 */
export function demandAnswer(
  cluster: SimulatedCluster,
  { node, timeoutMs, isAnswered }: Asked,
): void {
  const { clock } = cluster;
  const { life } = node;
  const look = (wasAwake: boolean): void => {
    if (isAnswered() || life.isOver) return;
    const isAwake = !life.isPaused;
    if (wasAwake && isAwake) {
      cluster.violate(ANSWERED, `node ${node.id} owes an answer since ${timeoutMs} ms`);
    }
    clock.schedule(LATE_MS_MAX, () => look(isAwake));
  };
  clock.schedule(timeoutMs + LATE_MS_MAX, () => look(false));
}
