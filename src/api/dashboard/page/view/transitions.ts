/** The transitions of all nodes as one story. */
import type { Transition } from "../answers";

/** How many the page tells at most. */
export const MERGED_MAX = 1_500;

/**
 * By wall time, the newest last. A node's own order is kept where its clock was set back: a
 * transition never comes before one of the same node with a lower number.
 */
export function mergeTransitions(nodes: readonly (readonly Transition[])[]): readonly Transition[] {
  const timed = nodes.flatMap((transitions) => {
    let latest = Number.NEGATIVE_INFINITY;
    return transitions.map((transition) => {
      latest = Math.max(latest, transition.wall_ms);
      return { transition, at: latest };
    });
  });
  timed.sort(
    (one, other) =>
      one.at - other.at ||
      one.transition.node - other.transition.node ||
      one.transition.seq - other.transition.seq,
  );
  return timed.slice(-MERGED_MAX).map(({ transition }) => transition);
}

/** `replicator/2` is one of the replicators. */
export const kindOf = (machine: string): string => machine.split("/", 1)[0] ?? machine;

/** Those of one machine, of a kind, or all. */
export const ofMachine = (
  transitions: readonly Transition[],
  machine: string | null,
): readonly Transition[] =>
  machine === null
    ? transitions
    : transitions.filter((one) => one.machine === machine || kindOf(one.machine) === machine);

/** `follower.awaiting → preCandidate`; what begins or ends has one side only. */
export const stepOf = ({ from, to }: Transition): string =>
  from === null ? `begins as ${to}` : to === null ? `${from} ends` : `${from} → ${to}`;
