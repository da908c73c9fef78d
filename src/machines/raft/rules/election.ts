/** Leader election (Raft §5.2, §5.4.1). */
import type { RequestVote } from "../../../messages";
import type { LogIndex, NodeId, Term } from "../../../types";
import { majority } from "../../quorum";
import { drawRandom } from "../../random";
import {
  configurationOf,
  counts,
  hasBindings,
  isVouchedFor,
  mayVote,
  rivalsOf,
  voterDisk,
  votersOf,
} from "../context";
import { type Consequence, nothing } from "../rule";
import type { Delivered, RaftContext, RaftEvent } from "../vocabulary";
import { freshTerm, nextTerm } from "./terms";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/**
 * "Raft uses randomized election timeouts to ensure that split votes are rare" (§5.2): each whole
 * wait is drawn from [t, 2t). Behind a leader's lease, which was t long, only the rest is left.
 *
 * Ours: one whose disk is full waits t longer, so that any other that can win is asked for votes
 * first. Where nobody else can, for its log alone is up to date, it campaigns all the same: "Raft
 * needs a server with a sufficiently up-to-date log to become leader, which might not be the most
 * preferred one" (Thesis §3.10).
 */
export function drawElectionTimeout(context: RaftContext): Consequence {
  const { electionTimeoutMs } = context.timing;
  const [draw, random] = drawRandom(context.random);
  const least = context.leaderId === null ? electionTimeoutMs : 0;
  const longer = context.fullDisks.has(context.id) ? electionTimeoutMs : 0;
  const electionDelayMs = least + longer + Math.floor(draw * electionTimeoutMs);
  return { context: { random, electionDelayMs } };
}

/** One that may not campaign, a learner say, knows all the same when nobody leads any more. */
export const forgetLeader = (): Consequence => ({ context: { leaderId: null } });

/**
 * "If a follower receives no communication over a period of time … then it assumes there is no
 * viable leader" (§5.2): a voter without rivals need not wait to know it.
 */
export const isLoneVoter = (context: RaftContext): boolean =>
  mayVote(context) && rivalsOf(context).length === 0;

interface LastEntry {
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
}

const ownLast = ({ log }: RaftContext): LastEntry => ({
  lastLogIndex: log.lastIndex,
  lastLogTerm: log.lastTerm,
});

/**
 * "…up-to-date by comparing the index and term of the last entries in the logs. If the logs have
 * last entries with different terms, then the log with the later term is more up-to-date. If the
 * logs end with the same term, then whichever log is longer is more up-to-date" (§5.4.1).
 */
export function isAtLeastAsUpToDate(candidate: LastEntry, own: LastEntry): boolean {
  if (candidate.lastLogTerm !== own.lastLogTerm) return candidate.lastLogTerm > own.lastLogTerm;
  return candidate.lastLogIndex >= own.lastLogIndex;
}

/** What a candidate says for itself. */
type Candidacy = Pick<RequestVote, "lastLogIndex" | "lastLogTerm" | "voterDisk">;

/** Our own, as it is said to one voter. */
export const candidacyTo = (context: RaftContext, voter: NodeId): Candidacy => ({
  ...ownLast(context),
  voterDisk: voterDisk(context, voter),
});

/**
 * Whether this founder holds what it was founded with and nothing more: an empty log, or one that
 * ends with the snapshot of a backup, which no entry has bound a disk in yet.
 */
function isBlank(context: RaftContext): boolean {
  const { log, snapshot } = context;
  return log.lastIndex === (snapshot?.lastIndex ?? 0) && !hasBindings(configurationOf(context));
}

/**
 * Ours: a blank founder may be one that lost its disk, so it also speaks for the logs of all it has
 * met, and gives no vote to one that is behind them, itself neither. But where the candidate's log
 * knows it by this very disk, a leader has met it with that: as long as no founder's disk was lost
 * beside one that never held a log, it was only never sent anything.
 */
const speaksFor = (context: RaftContext, log: LastEntry): boolean =>
  !isBlank(context) || [...context.peers.values()].every((met) => isAtLeastAsUpToDate(log, met));

/**
 * Whether this node would elect the candidate: the candidate's log is as good as its own, and it is
 * a voter that remembers what it acknowledged, by its own word or by that of the candidate, whose
 * log may know more (M61: a voter that has not heard of its promotion must
 * vote, or a majority of sound voters elects nobody).
 */
export function wouldElect(context: RaftContext, candidate: Candidacy): boolean {
  const isVouched = isVouchedFor(context, candidate.voterDisk);
  if (!mayVote(context) && !isVouched) return false;
  if (!isAtLeastAsUpToDate(candidate, ownLast(context))) return false;
  return isVouched || speaksFor(context, candidate);
}

/**
 * "If votedFor is null or candidateId, and candidate's log is at least as up-to-date as receiver's
 * log, grant vote" (figure 2). At most one candidate per term.
 */
export const grantsVote = (context: RaftContext, from: NodeId, message: RequestVote): boolean =>
  (context.votedFor === null || context.votedFor === from) && wouldElect(context, message);

/** The host lets no message out before the hard state it speaks of is durable. */
export function grantVote(context: RaftContext, event: Delivered): Consequence {
  const votedFor = event.sender.from;
  const { currentTerm } = context;
  return {
    context: { votedFor },
    effects: [
      { type: "persistHardState", hardState: { term: currentTerm, votedFor } },
      {
        type: "send",
        to: votedFor,
        message: { type: "RequestVoteReply", term: currentTerm, granted: true },
      },
    ],
  };
}

export function denyVote(context: RaftContext, event: Delivered): Consequence {
  const message = { type: "RequestVoteReply", term: context.currentTerm, granted: false } as const;
  return { effects: [{ type: "send", to: event.sender.from, message }] };
}

/**
 * "Candidates … increment current term, vote for self, send RequestVote RPCs to all other
 * servers" (figure 2). Its own vote counts only when it is durable (`recordOwnVote`).
 */
export function beginCampaign(context: RaftContext): Consequence {
  const currentTerm = nextTerm(context.currentTerm);
  const transfer = context.election?.transfer ?? false;
  return {
    context: {
      ...freshTerm(currentTerm),
      votedFor: context.id,
      leaderId: null,
      election: { granted: new Set(), transfer },
    },
    effects: [
      { type: "persistHardState", hardState: { term: currentTerm, votedFor: context.id } },
      ...rivalsOf(context).map((to) => ({
        type: "send" as const,
        to,
        message: {
          type: "RequestVote" as const,
          term: currentTerm,
          ...candidacyTo(context, to),
          transfer,
        },
      })),
    ],
  };
}

/** A completion of an older hard state says nothing about this campaign. */
export function recordOwnVote(context: RaftContext, event: On<"hardState.durable">): Consequence {
  const { term, votedFor } = event.hardState;
  if (term !== context.currentTerm || votedFor !== context.id) return nothing;
  return recordGrant(context, context.id);
}

/** Grants are a set of voters: a repeated one, or one whose disk is not trusted, adds nothing. */
export function recordVote(context: RaftContext, event: On<"RequestVoteReply">): Consequence {
  const { sender, message } = event;
  if (!message.granted || !counts(context, sender.from, sender.diskId)) return nothing;
  return recordGrant(context, sender.from);
}

export function recordGrant(context: RaftContext, voter: NodeId): Consequence {
  const { election } = context;
  if (election === null) return nothing;
  return {
    context: { election: { ...election, granted: new Set([...election.granted, voter]) } },
  };
}

/**
 * "A candidate wins an election if it receives votes from a majority" (§5.2), its own among, which
 * is a vote like any other.
 */
export function hasVoteQuorum(context: RaftContext): boolean {
  const granted = context.election?.granted;
  if (!granted?.has(context.id) || !speaksFor(context, ownLast(context))) return false;
  const voters = votersOf(context);
  return voters.filter((voter) => granted.has(voter.id)).length >= majority(voters.length);
}

/** TimeoutNow: the leader asks for this campaign, so its own lease is no obstacle (§4.2.3). */
export const acceptTransfer = (): Consequence => ({
  context: { election: { granted: new Set(), transfer: true } },
});

export const endCampaign = (): Consequence => ({ context: { election: null } });
