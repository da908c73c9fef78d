/** How the Raft chart is spoken of: why it went where it went. */
import type { Cause } from "../../actors/machine-watch";
import { duration, nodes } from "../../actors/phrases";
import { majority } from "../../machines/quorum";
import { configurationOf, votersOf } from "../../machines/raft/context";
import { isOwnDiskStuck } from "../../machines/raft/rules/check-quorum";
import { isLoneVoter } from "../../machines/raft/rules/election";
import { knownFull } from "../../machines/raft/rules/room";
import type { RaftContext, RaftEvent } from "../../machines/raft/vocabulary";
import type { NodeId } from "../../types";
import type { Facts, Moved, Words } from "../machine-track";
import { outermost } from "../state-path";

type RaftMoved = Moved<RaftContext, RaftEvent>;
type ReceivedEvent = Extract<RaftEvent, { type: "received" }>;

export const raftWords: Words<RaftContext, RaftEvent> = {
  event,
  reason,
  index: ({ log }) => log.lastIndex,
  facts,
};

/** What its timers are called where they lead from one state to another. */
const timers: Readonly<Record<string, string>> = {
  "follower.leased": "after leaderLease",
  "follower.awaiting": "after electionTimeout",
  preCandidate: "after electionTimeout",
  candidate: "after electionTimeout",
};

function event({ before, cause, from, to }: RaftMoved): string {
  if (cause === "the start") return "started";
  if (cause === "a timer") {
    if (from === "leader.transferring" && to === "leader.serving") return "after transferTimeout";
    // A leader's own timers are its metronomes.
    return timers[from ?? ""] ?? "quorumCheck.due";
  }
  if (cause.type !== "received") return cause.type;
  // Whoever was no follower became one by the term alone, before the message reached it.
  const isSuperseded = before !== null && cause.message.term > before.currentTerm;
  return isSuperseded && to === "follower.awaiting" && from !== to
    ? "term.superseded"
    : cause.message.type;
}

function reason(moved: RaftMoved): string {
  const { after, before, from, to } = moved;
  if (before === null || from === null) {
    return isLoneVoter(after)
      ? "a node that is the only voter need not wait to know that nobody leads"
      : `a node starts as a follower, in term ${after.currentTerm}`;
  }
  switch (outermost(to)) {
    case "leader":
      return from.startsWith("leader.") ? inOffice(moved, before) : howElected(moved, before);
    case "candidate":
      return whyCandidate(moved, before);
    case "preCandidate":
      return whyPreCandidate(moved, before);
    default:
      return to === "follower.leased" ? whyLed(after, before) : whyAwaiting(moved, before);
  }
}

/** Which voters had granted, with the one whose word was the last that was needed. */
function grantsOf(before: RaftContext, cause: Cause<RaftEvent>): readonly NodeId[] {
  const granted = new Set(before.election?.granted);
  if (typeof cause !== "string") {
    if (cause.type === "received") granted.add(cause.from);
    if (cause.type === "hardState.durable") granted.add(before.id);
  }
  return votersOf(before)
    .map(({ id }) => id)
    .filter((id) => granted.has(id));
}

const outOf = (some: readonly NodeId[], context: RaftContext, what: string): string =>
  `${some.length} of ${votersOf(context).length} ${what} (${nodes(some)})`;

const neededOf = (context: RaftContext): number => majority(votersOf(context).length);

const howElected = ({ after, cause }: RaftMoved, before: RaftContext): string =>
  `won term ${after.currentTerm} with ${outOf(grantsOf(before, cause), after, "votes")}`;

function inOffice({ after, cause, to }: RaftMoved, before: RaftContext): string {
  switch (to) {
    case "leader.transferring": {
      const isAsked = typeof cause !== "string" && cause.type === "transfer.requested";
      const why = isAsked ? "" : ": its own disk is full";
      return `hands its office over to node ${after.leadership?.transferTo}${why}`;
    }
    case "leader.leaving":
      return "its own removal is in its log: it takes nothing more until that is committed";
    default:
      return (
        `node ${before.leadership?.transferTo} did not take the office over within ` +
        duration(after.timing.electionTimeoutMs)
      );
  }
}

function whyCandidate({ cause }: RaftMoved, before: RaftContext): string {
  if (typeof cause !== "string" && cause.type === "received") {
    if (cause.message.type === "TimeoutNow")
      return `node ${cause.from} hands its office over to this node`;
    return `${outOf(grantsOf(before, cause), before, "voters")} would elect this node`;
  }
  return "there is no other voter to ask";
}

function whyPreCandidate({ from, heldMs }: RaftMoved, before: RaftContext): string {
  if (from === "candidate") {
    const granted = [...(before.election?.granted ?? [])];
    return (
      `the election of term ${before.currentTerm} had no winner: ` +
      `${outOf(granted, before, "votes")}, ${neededOf(before)} needed`
    );
  }
  if (isLoneVoter(before)) return "there is no other voter that could lead";
  // Behind a lease only the rest of the wait was left.
  const leaseMs = before.leaderId === null ? 0 : before.timing.electionTimeoutMs;
  return `heard no leader for ${duration(heldMs + leaseMs)}`;
}

function whyLed(after: RaftContext, before: RaftContext): string {
  const leads = `node ${after.leaderId} leads term ${after.currentTerm}`;
  return after.currentTerm > before.currentTerm && before.leadership !== null
    ? `${leads}, higher than our own ${before.currentTerm}`
    : leads;
}

function whyAwaiting(moved: RaftMoved, before: RaftContext): string {
  const { cause, from } = moved;
  if (cause === "a timer" || cause === "the start") {
    return from === "follower.leased" ? whyLeaseEnded(before) : whyOfficeLost(before);
  }
  const isSuperseded = moved.after.currentTerm > before.currentTerm;
  if (before.leadership !== null && !isSuperseded) return "its own removal is committed";
  if (cause.type === "received") return whatWasHeard(cause, moved.after, before);
  return cause.type === "snapshot.loaded"
    ? `holds a leader's snapshot up to index ${cause.snapshot.lastIndex} now`
    : cause.type;
}

function whatWasHeard(
  { from, message }: ReceivedEvent,
  after: RaftContext,
  before: RaftContext,
): string {
  if (message.type === "RequestVote" && after.votedFor === from) {
    const wish = message.transfer ? ", whom the leader asks to take over" : "";
    return `voted for node ${from} in term ${after.currentTerm}${wish}`;
  }
  return message.term > before.currentTerm
    ? `higher term ${message.term} from node ${from}`
    : `${message.type} from node ${from}`;
}

const whyLeaseEnded = ({ leaderId, timing }: RaftContext): string =>
  `heard nothing from node ${leaderId} for ${duration(timing.electionTimeoutMs)}`;

/** Check-quorum (Thesis §6.2). */
function whyOfficeLost(before: RaftContext): string {
  const { id, leadership, timing } = before;
  const heard = votersOf(before)
    .map((voter) => voter.id)
    .filter((voter) => voter === id || leadership?.heard.has(voter));
  const disk = isOwnDiskStuck(before) ? ", and its own disk gets nowhere" : "";
  return (
    `heard from ${outOf(heard, before, "voters")} within ${duration(timing.electionTimeoutMs)}, ` +
    `${neededOf(before)} needed${disk}`
  );
}

function facts(context: RaftContext): Facts {
  const { election, leadership, log, receiving, snapshot } = context;
  const { learners, voters } = configurationOf(context);
  return {
    term: context.currentTerm,
    voted_for: context.votedFor,
    leader_id: context.leaderId,
    commit_index: context.commitIndex,
    last_log_index: log.lastIndex,
    last_log_term: log.lastTerm,
    durable_index: context.durableIndex,
    base_index: log.baseIndex,
    snapshot_index: snapshot?.lastIndex ?? null,
    verified_index: context.verifiedIndex,
    voters: voters.map(({ id }) => id),
    learners: learners.map(({ id }) => id),
    votes: election === null ? null : [...election.granted],
    transfer_to: leadership?.transferTo ?? null,
    full_disks: [...knownFull(context)],
    installing: receiving && {
      snapshot_index: receiving.snapshot.lastIndex,
      received_bytes: receiving.receivedBytes,
      total_bytes: receiving.snapshot.byteLength,
    },
  };
}
