import { configurationOf } from "../../../src/machines/raft/context";
import type { SimulatedNode } from "../../../src/simulation/node";
import { membersOf } from "../../../src/types";
import type { Invariant } from "../invariant";

/** Of a running peer what it goes by, else what it goes on from. */
const termOf = ({ durableHardState, running }: SimulatedNode): number =>
  Math.max(durableHardState.term, running?.actor.raft.context.currentTerm ?? 0);

/**
 * I16: a leader counts a peer only for what the peer's disk holds of the leader's own log, and what
 * it has counted once it counts for as long as it leads. What a peer acknowledged truly it may have
 * replaced for a leader of a later term before the word arrives: that the earlier one commits
 * nothing by it is for I7 to see.
 */
export const matchIndexIsTrue: Invariant = {
  name: "I16 match index",
  watch: ({ cluster, mayForget }, violate) => ({
    onChanged(node, after, before) {
      const { leadership } = after;
      if (leadership === null || leadership.matchIndex === before?.leadership?.matchIndex) return;
      const members = membersOf(configurationOf(after));
      for (const [id, match] of leadership.matchIndex) {
        if (!members.some((member) => member.id === id)) {
          violate(`leader ${node.id} counts ${id}, which is no member any more`);
        }
        const peer = cluster.node(id);
        const known = before?.leadership?.matchIndex.get(id) ?? 0;
        if (after.currentTerm === before?.currentTerm && match < known) {
          violate(`leader ${node.id} goes back from ${known} to ${match} for ${id}`);
        }
        if (mayForget(peer) || match === before?.leadership?.matchIndex.get(id)) continue;
        if (termOf(peer) > after.currentTerm) continue;
        const { witness } = peer;
        if (match > witness.durableIndex) {
          violate(`leader ${node.id} counts ${id} up to ${match}, it has ${witness.durableIndex}`);
        }
        if (witness.chainAt(match) !== node.witness.chainAt(match)) {
          violate(`leader ${node.id} counts ${id} up to ${match}, where their logs differ`);
        }
      }
    },
  }),
};
