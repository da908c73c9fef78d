import { raftKinds } from "../../../src/codec/raft-messages";
import { majority } from "../../../src/machines/quorum";
import { votersOf } from "../../../src/machines/raft/context";
import type { NodeId, Term } from "../../../src/types";
import type { Invariant } from "../invariant";

/**
 * I1: "a candidate wins an election if it receives votes from a majority of the servers in the full
 * cluster for the same term" (Raft §5.2): votes that voters have given, not what it has counted;
 * its own is given when it is durable.
 */
export const electedByMajority: Invariant = {
  name: "I1 elected by a majority",
  watch: (_, violate) => {
    const grants = new Map<Term, Map<NodeId, NodeId>>();
    return {
      onSent(sender, sent) {
        if (sent.kind !== raftKinds.RequestVoteReply || sent.decoded.kind !== "raft") return;
        const { message } = sent.decoded;
        if (message.type !== "RequestVoteReply" || !message.granted) return;
        const inTerm = grants.get(message.term) ?? new Map<NodeId, NodeId>();
        grants.set(message.term, inTerm.set(sender.id, sent.to));
      },
      onChanged(node, after, before) {
        const isElected =
          after.leadership !== null &&
          (!before?.leadership || before.currentTerm !== after.currentTerm);
        if (!isElected) return;
        const { currentTerm } = after;
        const { term, votedFor } = node.durableHardState;
        if (term !== currentTerm || votedFor !== node.id) {
          violate(`node ${node.id} leads term ${currentTerm} and could still vote for another`);
        }
        const voters = votersOf(after);
        const votes = voters.filter(
          ({ id }) => id === node.id || grants.get(currentTerm)?.get(id) === node.id,
        );
        if (votes.length < majority(voters.length)) {
          violate(`node ${node.id} leads term ${currentTerm} with ${votes.length} votes`);
        }
      },
    };
  },
};
