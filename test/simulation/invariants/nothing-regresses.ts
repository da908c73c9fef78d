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
    const hardStateOf = ({
      currentTerm: term,
      votedFor,
    }: { currentTerm: HardState["term"] } & Pick<HardState, "votedFor">): HardState => ({
      term,
      votedFor,
    });
    return {
      onEnded(node) {
        durableAtEnd.set(node, node.durableHardState);
      },
      onChanged(node, after, before) {
        if (before === null) {
          const durable = durableAtEnd.get(node);
          if (durable && !mayForget(node)) compare(node, hardStateOf(after), durable);
          return;
        }
        compare(node, hardStateOf(after), hardStateOf(before));
        const [index, known] = [after, before].map(({ snapshot }) => snapshot?.lastIndex ?? 0);
        if ((index ?? 0) < (known ?? 0)) {
          violate(`node ${node.id} goes from snapshot ${known} back to ${index}`);
        }
        if (after.commitIndex < before.commitIndex) {
          violate(`node ${node.id} goes from commit ${before.commitIndex} to ${after.commitIndex}`);
        }
      },
    };
  },
};
