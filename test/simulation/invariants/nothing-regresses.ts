import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { HardState } from "../../../src/types";
import type { Invariant } from "../invariant";

/**
 * I3: term, commit index and snapshot never fall, nor what is applied; a vote stays within its
 * term; durable ones over lives.
 */
export const nothingRegresses: Invariant = {
  name: "I3 nothing regresses",
  watch: ({ mayForget }, violate) => {
    const durableAtEnd = new Map<SimulatedNode, HardState>();
    const compare = (node: SimulatedNode, after: HardState, before: HardState) => {
      if (after.term < before.term) {
        violate(`node ${node.id} goes from term ${before.term} back to ${after.term}`);
      }
      const hasVoted = after.term === before.term && before.votedFor !== null;
      if (hasVoted && after.votedFor !== before.votedFor) {
        violate(`node ${node.id} changes its vote in term ${after.term}`);
      }
    };
    const compareCharts = (node: SimulatedNode, after: RaftContext, before: RaftContext) => {
      compare(
        node,
        { term: after.currentTerm, votedFor: after.votedFor },
        { term: before.currentTerm, votedFor: before.votedFor },
      );
      const index = after.snapshot?.lastIndex ?? 0;
      const known = before.snapshot?.lastIndex ?? 0;
      if (index < known) {
        violate(`node ${node.id} goes from snapshot ${known} back to ${index}`);
      }
      if (after.commitIndex < before.commitIndex) {
        violate(`node ${node.id} goes from commit ${before.commitIndex} to ${after.commitIndex}`);
      }
    };
    return {
      onEnded(node) {
        durableAtEnd.set(node, node.durableHardState);
      },
      onChanged(node, after, before) {
        if (before !== null) return compareCharts(node, after, before);
        const durable = durableAtEnd.get(node);
        if (!durable || mayForget(node)) return;
        compare(node, { term: after.currentTerm, votedFor: after.votedFor }, durable);
      },
    };
  },
};
