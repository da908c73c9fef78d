/** Terms (Raft §5.1): the logical clock by which stale information is told from fresh. */
import type { OutgoingRaftMessage, RaftMessage } from "../../../messages";
import { logIndex, type Term, term } from "../../../types";
import { type Consequence, nothing } from "../rule";
import type { Delivered, RaftContext, RaftEvent, Received } from "../vocabulary";

type ReceivedEvent = Extract<RaftEvent, { type: "received" }>;

/**
 * "If RPC request or response contains term T > currentTerm: set currentTerm = T" (figure 2). The
 * vote belongs to the term, so it is forgotten with the old one and only then: an equal term never
 * clears it.
 */
export function adoptTerm(_: RaftContext, event: ReceivedEvent): Consequence {
  return {
    context: { ...freshTerm(event.message.term), leaderId: null },
    effects: [
      { type: "persistHardState", hardState: { term: event.message.term, votedFor: null } },
    ],
  };
}

/** What no longer holds in another term. */
export const freshTerm = (currentTerm: Term) =>
  ({ currentTerm, votedFor: null, verifiedIndex: logIndex(0), leaderRound: 0 }) as const;

/**
 * "If a server receives a request with a stale term number, it rejects the request" (§5.1). The
 * answer carries our term, so that its sender steps down. A stale reply gets no answer.
 */
export function answerWithOurTerm(context: RaftContext, event: ReceivedEvent): Consequence {
  const message = refusalOf(event.message, context.currentTerm);
  return message === null ? nothing : { effects: [{ type: "send", to: event.from, message }] };
}

function refusalOf(message: RaftMessage, currentTerm: Term): OutgoingRaftMessage | null {
  switch (message.type) {
    case "PreVote":
      return { type: "PreVoteReply", term: currentTerm, granted: false };
    case "RequestVote":
      return { type: "RequestVoteReply", term: currentTerm, granted: false };
    case "AppendEntries":
      return {
        type: "AppendEntriesReply",
        term: currentTerm,
        // A round of an earlier term: an answer to it confirms nothing in ours (M49).
        round: 0,
        accepted: false,
        prevLogIndex: message.prevLogIndex,
        conflictTerm: null,
        conflictIndex: message.prevLogIndex,
      };
    case "InstallSnapshot":
      return {
        type: "InstallSnapshotReply",
        term: currentTerm,
        // As above.
        round: 0,
        snapshot: message.snapshot,
        receivedBytes: 0,
      };
    default:
      return null;
  }
}

/** The role hears the message within the same step. */
export const deliver = (_: RaftContext, event: ReceivedEvent): Consequence => ({
  events: [asHeard(event)],
});

/** Whoever enters a higher term gives up its office. */
export const supersedeTerm = (): Consequence => ({ events: [{ type: "term.superseded" }] });

/** The message as the role hears it. */
function asHeard(received: Received): Delivered {
  const sender: Received = received;
  const { message } = received;
  // One case per message, so that the pair of type and message stays typed.
  switch (message.type) {
    case "PreVote":
      return { type: message.type, sender, message };
    case "PreVoteReply":
      return { type: message.type, sender, message };
    case "RequestVote":
      return { type: message.type, sender, message };
    case "RequestVoteReply":
      return { type: message.type, sender, message };
    case "AppendEntries":
      return { type: message.type, sender, message };
    case "AppendEntriesReply":
      return { type: message.type, sender, message };
    case "InstallSnapshot":
      return { type: message.type, sender, message };
    case "InstallSnapshotReply":
      return { type: message.type, sender, message };
    case "TimeoutNow":
      return { type: message.type, sender, message };
  }
}

/** The term after `current`. */
export const nextTerm = (current: Term): Term => term(current + 1);
