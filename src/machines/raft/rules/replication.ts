/** Log replication (Raft §5.3): the follower's side, and what a leader makes of its answers. */
import { assert } from "../../../assert";
import type { AppendEntries, AppendEntriesReply } from "../../../messages";
import type { LogEntry, LogIndex, NodeId } from "../../../types";
import { indexPlus, logIndex } from "../../../types";
import { appendRun, firstIndexOfTerm, type LogShape, termAt, truncateFrom } from "../../log-shape";
import { isTrusted } from "../context";
import { all, type Consequence, nothing } from "../rule";
import type { Forgotten, Leadership, RaftContext, RaftEvent } from "../vocabulary";
import { configurationsBefore } from "./append";
import { abandonOvertaken } from "./receiving";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

const highest = (a: LogIndex, b: LogIndex): LogIndex => (a > b ? a : b);
const lowest = (a: LogIndex, b: LogIndex): LogIndex => (a < b ? a : b);

/** "If AppendEntries RPC received from new leader: convert to follower" (figure 2). */
export const followLeader = (
  context: RaftContext,
  event: On<"AppendEntries" | "InstallSnapshot">,
): Consequence => ({
  context: {
    leaderId: event.sender.from,
    leaderRound: Math.max(context.leaderRound, event.message.round),
  },
});

/**
 * "The follower … refuses the new entries" unless its log "contains an entry at prevLogIndex whose
 * term matches prevLogTerm" (§5.3). What is committed is known to match, compacted or not (M19).
 */
export function matchesPrevious(context: RaftContext, message: AppendEntries): boolean {
  const { prevLogIndex, prevLogTerm } = message;
  if (prevLogIndex <= context.commitIndex) return true;
  return termAt(context.log, prevLogIndex) === prevLogTerm;
}

/** Names the conflicting term and its first index, so that one round trip skips all of it. */
export function rejectEntries(context: RaftContext, event: On<"AppendEntries">): Consequence {
  const { prevLogIndex, round } = event.message;
  const conflictTerm = termAt(context.log, prevLogIndex);
  const firstOfTerm = conflictTerm === null ? null : firstIndexOfTerm(context.log, conflictTerm);
  const reply: AppendEntriesReply = {
    type: "AppendEntriesReply",
    term: context.currentTerm,
    round,
    accepted: false,
    prevLogIndex,
    conflictTerm,
    conflictIndex: firstOfTerm ?? indexPlus(context.log.lastIndex, 1),
  };
  return { effects: [{ type: "send", to: event.sender.from, message: reply }] };
}

/**
 * "If an existing entry conflicts with a new one (same index but different terms), delete the
 * existing entry and all that follow it. Append any new entries not already in the log" (figure
 * 2). Entries that match are left alone, so an old message never shortens a log. The answer waits
 * for the disk (`acknowledge`) unless nothing was new.
 */
export function acceptEntries(context: RaftContext, event: On<"AppendEntries">): Consequence {
  const { entries, prevLogIndex, leaderCommit } = event.message;
  const fresh = entries.slice(countKnown(context.log, entries));
  const verifiedIndex = highest(context.verifiedIndex, indexPlus(prevLogIndex, entries.length));
  const appended = fresh.length === 0 ? nothing : replaceTail(context, fresh);
  // "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)"
  // (figure 2): never beyond what this leader's messages have verified (M15).
  const commitIndex = highest(context.commitIndex, lowest(leaderCommit, verifiedIndex));
  return all(
    appended,
    {
      context: { verifiedIndex, commitIndex },
      effects:
        commitIndex > context.commitIndex ? [{ type: "applyCommitted" as const, commitIndex }] : [],
    },
    abandonOvertaken(context, commitIndex),
  );
}

/** How many of `entries` the log already holds, from the first on. */
function countKnown(log: LogShape, entries: readonly LogEntry[]): number {
  const first = entries.findIndex(
    (entry) => entry.index > log.baseIndex && termAt(log, entry.index) !== entry.term,
  );
  return first < 0 ? entries.length : first;
}

function replaceTail(context: RaftContext, fresh: readonly LogEntry[]): Consequence {
  const firstIndex = fresh[0]?.index ?? logIndex(0);
  assert(firstIndex > context.commitIndex, "a committed entry is never replaced");
  assert(firstIndex <= context.log.lastIndex + 1, "the log has no holes");
  const truncates = firstIndex <= context.log.lastIndex;
  const log = appendEntries(truncateFrom(context.log, firstIndex), fresh);
  const generation = truncates ? context.generation + 1 : context.generation;
  const kept = configurationsBefore(context.configurations, firstIndex);
  const configurations = fresh.flatMap(({ index, configuration }) =>
    configuration === null ? [] : [{ index, configuration }],
  );
  return {
    context: {
      log,
      generation,
      durableIndex: lowest(context.durableIndex, indexPlus(firstIndex, -1)),
      // A configuration is in force from its entry on, and only while the entry is there (M36).
      configurations: configurations.length > 0 ? [...kept, ...configurations] : kept,
    },
    effects: [{ type: "appendEntries", entries: fresh, generation }],
  };
}

/** The shape with `entries` behind it, one run per term. */
function appendEntries(shape: LogShape, entries: readonly LogEntry[]): LogShape {
  let log = shape;
  for (let from = 0; from < entries.length; ) {
    const term = entries[from]?.term ?? log.lastTerm;
    let to = from;
    while (to < entries.length && entries[to]?.term === term) to++;
    const byteLengths = entries.slice(from, to).map((entry) => entry.record.length);
    log = appendRun(log, { term, byteLengths });
    from = to;
  }
  return log;
}

/** Only a truncation takes durability back, and that is another generation. */
export const noteDurable = (context: RaftContext, event: On<"log.durable">): Consequence => ({
  context: { durableIndex: highest(context.durableIndex, event.lastIndex) },
});

/**
 * Tells the leader how far this log matches its own, as far as the disk holds it: "a follower must
 * write its entries to stable storage before acknowledging" (thesis §10.2.1).
 */
export function acknowledge(context: RaftContext): Consequence {
  const { leaderId, currentTerm, leaderRound } = context;
  if (leaderId === null) return nothing;
  const matchIndex = lowest(context.verifiedIndex, context.durableIndex);
  const forgotten = stillForgotten(context, matchIndex);
  const message: AppendEntriesReply = {
    type: "AppendEntriesReply",
    term: currentTerm,
    round: leaderRound,
    accepted: true,
    matchIndex,
    counts: forgotten === null,
  };
  const send = { type: "send", to: leaderId, message } as const;
  if (forgotten === context.forgotten) return { effects: [send] };
  return { context: { forgotten }, effects: [{ type: "clearForgotten" }, send] };
}

/** Only what reached the disk is answered: an append is, by its completion. */
export const acknowledgeKnown = (context: RaftContext, event: On<"AppendEntries">): Consequence =>
  context.durableIndex >= lastOf(event.message) ? acknowledge(context) : nothing;

const lastOf = (message: AppendEntries): LogIndex =>
  message.entries.length === 0
    ? logIndex(0)
    : indexPlus(message.prevLogIndex, message.entries.length);

/**
 * A node that may have acknowledged what it no longer holds counts again when it holds as much as
 * then; or when it holds, durably, an entry of a leader of a later term: that leader's log had
 * every entry which those acknowledgements helped to commit (Leader Completeness, §5.4.3).
 */
function stillForgotten(context: RaftContext, matchIndex: LogIndex): Forgotten | null {
  const { forgotten, currentTerm } = context;
  if (forgotten === null || matchIndex >= forgotten.upTo) return null;
  const isLaterLeaders =
    currentTerm > forgotten.inTerm && termAt(context.log, matchIndex) === currentTerm;
  return isLaterLeaders ? null : forgotten;
}

/**
 * The leader's record of an answer. `matchIndex` only grows, and only by what counts: a late reply
 * changes nothing (M22).
 */
export function recordReply(context: RaftContext, event: On<"AppendEntriesReply">): Consequence {
  const leadership = afterAnswer(context, event);
  if (leadership === null) return nothing;
  const match = countedMatch(context, event.message);
  const matchIndex = raise(leadership.matchIndex, event.sender.from, match);
  return { context: { leadership: { ...leadership, matchIndex } } };
}

/**
 * Any answer in our term confirms that its sender still follows us; but null for one whose answers
 * do not count: it keeps no leader in office either, for it could never commit anything.
 */
export function afterAnswer(
  context: RaftContext,
  { message, sender }: On<"AppendEntriesReply" | "InstallSnapshotReply">,
): Leadership | null {
  const { leadership } = context;
  const { diskId, from } = sender;
  assert(leadership !== null, "only a leader hears replies");
  if (!isTrusted(context, from, diskId)) return null;
  const heard = leadership.heard.has(from) ? leadership.heard : new Set(leadership.heard).add(from);
  const answeredRound = raise(leadership.answeredRound, from, message.round);
  return { ...leadership, heard, answeredRound };
}

function countedMatch(context: RaftContext, message: AppendEntriesReply): LogIndex {
  if (!message.accepted || !message.counts) return logIndex(0);
  assert(message.matchIndex <= context.log.lastIndex, "nobody matches more than there is");
  return message.matchIndex;
}

function raise<T extends number>(map: ReadonlyMap<NodeId, T>, id: NodeId, value: T) {
  return (map.get(id) ?? 0) >= value ? map : new Map(map).set(id, value);
}

export const informReplicator = (
  _: RaftContext,
  { sender, message }: On<"AppendEntriesReply">,
): Consequence => ({
  notices: [
    {
      to: sender.from,
      event: message.accepted
        ? { type: "reply.accepted", matchIndex: message.matchIndex }
        : {
            type: "reply.rejected",
            prevLogIndex: message.prevLogIndex,
            conflictTerm: message.conflictTerm,
            conflictIndex: message.conflictIndex,
          },
    },
  ],
});

/** A replicator asks; the leader speaks, with what it knows at this moment. */
export function sendAppendEntries(
  context: RaftContext,
  { peer, prevLogIndex, range }: On<"replicator.ready">,
): Consequence {
  const { leadership } = context;
  const prevLogTerm = termAt(context.log, prevLogIndex);
  assert(leadership !== null, "only a leader replicates");
  assert(prevLogTerm !== null, "a replicator stays within the log");
  return {
    effects: [
      {
        type: "send",
        to: peer,
        message: {
          type: "AppendEntries",
          term: context.currentTerm,
          prevLogIndex,
          prevLogTerm,
          leaderCommit: context.commitIndex,
          round: leadership.round,
          range,
        },
      },
    ],
  };
}
