import type { Invariant } from "../invariant";

/**
 * I9: what a follower takes for verified is the same in the log of the leader of its term (§5.3):
 * it will commit that much on the leader's word, and acknowledge it.
 */
export const verifiedIndexIsTrue: Invariant = {
  name: "I9 verified index",
  watch: ({ cluster, ghost }, violate) => ({
    onChanged(node, { commitIndex, currentTerm, leadership, verifiedIndex }, before) {
      if (leadership !== null || verifiedIndex === 0 || node.life.isOver) return;
      if (verifiedIndex === before?.verifiedIndex && currentTerm === before.currentTerm) return;
      const leaderId = ghost.leaders.get(currentTerm);
      const leader = leaderId === undefined ? undefined : cluster.node(leaderId);
      const office = leader?.running?.actor.raft.context;
      // Nobody leads the term yet, or does any more: there is no log to hold it against.
      if (!leader || !office?.leadership || office.currentTerm !== currentTerm) {
        // What is committed is in the log of whoever will lead: a snapshot brings a lot at once.
        const isCommitted = verifiedIndex <= commitIndex && ghost.holdsCommitted(node, commitIndex);
        if (leaderId === undefined && !isCommitted) {
          violate(`node ${node.id} has verified ${verifiedIndex} in term ${currentTerm} by nobody`);
        }
        return;
      }
      const chain = node.witness.chainAt(verifiedIndex);
      if (chain !== undefined && chain === leader.witness.chainAt(verifiedIndex)) return;
      violate(`node ${node.id} has verified ${verifiedIndex}, where leader ${leader.id} differs`);
    },
  }),
};
