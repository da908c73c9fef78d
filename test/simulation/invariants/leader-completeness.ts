import type { SimulatedNode } from "../../../src/simulation/node";
import type { Term } from "../../../src/types";
import type { Invariant } from "../invariant";

/**
 * I6: "if a log entry is committed in a given term, then that entry will be present in the logs of
 * the leaders for all higher-numbered terms" (Raft figure 3). A node that slept through its own
 * election may still wake as leader of an old term: it owes nothing to later ones.
 */
export const leaderCompleteness: Invariant = {
  name: "I6 leader completeness",
  watch: ({ cluster, ghost }, violate) => {
    let checkedIndex = ghost.committedIndex;
    const check = (leader: SimulatedNode, term: Term) => {
      const index = ghost.committedBefore(term);
      if (ghost.holdsCommitted(leader, index)) return;
      violate(`leader ${leader.id} of term ${term} lacks something committed up to ${index}`);
    };
    return {
      onChanged(node, after, before) {
        const isElected =
          after.leadership !== null &&
          (before === null || before.leadership === null || after.currentTerm > before.currentTerm);
        if (isElected) check(node, after.currentTerm);
      },
      onEvent() {
        if (ghost.committedIndex === checkedIndex) return;
        checkedIndex = ghost.committedIndex;
        // A deposed leader may learn late that a quorum had acknowledged: its successors have it.
        for (const node of cluster.nodes) {
          const context = node.running?.actor.raft.context;
          if (context?.leadership) check(node, context.currentTerm);
        }
      },
    };
  },
};
