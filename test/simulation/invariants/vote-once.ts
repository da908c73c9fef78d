import type { RaftMessage } from "../../../src/messages";
import type { SimulatedNode } from "../../../src/simulation/node";
import { isRaftMessage } from "../../../src/simulation/observer";
import type { NodeId } from "../../../src/types";
import type { Invariant } from "../invariant";

/** Whom a message says its sender has voted for in the message's term; null for nobody. */
function voteIn(message: RaftMessage, from: NodeId, to: NodeId): NodeId | null {
  if (message.type === "RequestVote") return from;
  return message.type === "RequestVoteReply" && message.granted ? to : null;
}

/** Whether a message names a term that its sender is not in. */
const isAboutFuture = (message: RaftMessage): boolean =>
  message.type === "PreVote" || (message.type === "PreVoteReply" && message.granted);

/**
 * I2: a node grants at most one candidate its vote in a term, over all of its lives; and no message
 * speaks of a term or vote that a power loss could still take back.
 */
export const voteOnce: Invariant = {
  name: "I2 vote once, durably",
  watch: ({ mayForget }, violate) => {
    const votes = new Map<string, NodeId>();
    const checkDurable = (sender: SimulatedNode, message: RaftMessage, vote: NodeId | null) => {
      const { term, votedFor } = sender.durableHardState;
      if (message.term > term) {
        violate(`node ${sender.id} says ${message.type} of term ${message.term}, durable: ${term}`);
      }
      if (vote !== null && message.term === term && vote !== votedFor) {
        violate(`node ${sender.id} votes for ${vote} in term ${term}, durable: ${votedFor}`);
      }
    };
    return {
      onSent(sender, { bytes, decoded, from, to }) {
        if (!isRaftMessage(bytes) || decoded.kind !== "raft" || mayForget(sender)) return;
        const { message } = decoded;
        if (isAboutFuture(message)) return;
        const vote = voteIn(message, from, to);
        checkDurable(sender, message, vote);
        if (vote === null) return;
        const place = `${from} in ${message.term}`;
        const known = votes.get(place) ?? vote;
        if (known !== vote) violate(`node ${place} votes for ${known} and for ${vote}`);
        votes.set(place, vote);
      },
    };
  },
};
