/** Snapshots (Raft §7) at the node that has one: the log is cut behind it, and others get it. */
import { assert } from "../../../assert";
import { indexPlus, type LogIndex, logIndex } from "../../../types";
import { bytesBetween, compact } from "../../log-shape";
import { type Consequence, nothing } from "../rule";
import type { ConfigurationEntry, Leadership, RaftContext, RaftEvent } from "../vocabulary";
import { afterAnswer } from "./replication";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/**
 * "Once a server completes writing a snapshot, it may delete all log entries up through the last
 * included index" (§7). Ours: up to an earlier snapshot only, so that the log also connects to that
 * one, and a slow follower can catch up by it. One that another's has overtaken changes nothing.
 */
export function notePublished(context: RaftContext, event: On<"snapshot.published">): Consequence {
  const { leadership } = context;
  const { snapshot } = event;
  if (context.snapshot !== null && snapshot.lastIndex < context.snapshot.lastIndex) return nothing;
  assert(snapshot.lastIndex <= context.commitIndex, "a snapshot stands for committed entries only");
  const baseIndex = heldBack(context, event);
  const log = compact(context.log, logIndex(Math.min(baseIndex, snapshot.lastIndex)));
  const peers = log === context.log ? [] : (leadership?.replicators ?? []);
  return {
    context: {
      snapshot,
      log,
      configurations: configurationsFrom(context.configurations, log.baseIndex),
    },
    effects: [{ type: "cutLog", baseIndex: log.baseIndex }],
    notices: peers.map((to) => ({ to, event: { type: "log.compacted", log } })),
  };
}

/** Of log that is kept for those who are catching up, besides a quarter of the snapshot's bytes. */
export const HELD_BYTES_MAX = 1024 * 1024;

/**
 * Ours: a leader does not cut off what a peer that answers is about to need, or a busy cluster
 * would send it one snapshot after the other. But a peer that falls far behind holds up nothing:
 * past the limit the log is cut, and the peer gets the snapshot, which is cheaper by then.
 */
function heldBack(context: RaftContext, event: On<"snapshot.published">): LogIndex {
  const { leadership, log } = context;
  const { baseIndex, snapshot } = event;
  if (leadership === null) return baseIndex;
  const { heard, matchIndex, replicators, sending } = leadership;
  const needed = replicators
    .filter((peer) => heard.has(peer) || sending.has(peer))
    .map((peer) => sending.get(peer)?.lastIndex ?? matchIndex.get(peer) ?? 0);
  const held = logIndex(Math.max(log.baseIndex, Math.min(baseIndex, ...needed)));
  const bytes = bytesBetween(log, indexPlus(held, 1), log.lastIndex);
  return bytes <= HELD_BYTES_MAX + snapshot.byteLength / 4 ? held : baseIndex;
}

/** The one in force at `index`, and all behind it. */
function configurationsFrom(
  configurations: readonly ConfigurationEntry[],
  index: LogIndex,
): readonly ConfigurationEntry[] {
  const inForce = configurations.findLastIndex((entry) => entry.index <= index);
  return inForce > 0 ? configurations.slice(inForce) : configurations;
}

/**
 * "…the leader must occasionally send snapshots to followers that lag behind. This happens when
 * the leader has already discarded the next log entry that it needs to send to a follower" (§7).
 */
export function offerSnapshot(
  context: RaftContext,
  { peer }: On<"replicator.behind">,
): Consequence {
  const { snapshot } = context;
  assert(snapshot !== null, "a snapshot stands for what the log no longer holds");
  const sending = new Map(sendingOf(context)).set(peer, snapshot);
  return {
    ...withSending(context, sending),
    notices: [{ to: peer, event: { type: "snapshot.offered", snapshot } }],
  };
}

export function endSending(
  context: RaftContext,
  { peer }: On<"replicator.snapshotDone">,
): Consequence {
  const sending = new Map(sendingOf(context));
  sending.delete(peer);
  return withSending(context, sending);
}

export function sendChunk(
  { currentTerm, leadership }: RaftContext,
  { byteLength, offset, peer, snapshot }: On<"replicator.chunkReady">,
): Consequence {
  assert(leadership !== null, "only a leader sends snapshots");
  const { round } = leadership;
  const type = "InstallSnapshot";
  const message = { type, term: currentTerm, round, snapshot, offset, byteLength } as const;
  return { effects: [{ type: "send", to: peer, message }] };
}

/** An answer like any other; that the snapshot is installed is told by an AppendEntriesReply. */
export function recordChunkReply(
  context: RaftContext,
  event: On<"InstallSnapshotReply">,
): Consequence {
  const leadership = afterAnswer(context, event);
  return leadership === null ? nothing : { context: { leadership } };
}

export const informOfChunk = (
  _: RaftContext,
  { message, sender }: On<"InstallSnapshotReply">,
): Consequence => {
  const { receivedBytes, snapshot } = message;
  const event = { type: "chunk.acknowledged", snapshot, receivedBytes } as const;
  return { notices: [{ to: sender.from, event }] };
};

function sendingOf({ leadership }: RaftContext): Leadership["sending"] {
  assert(leadership !== null, "only a leader sends snapshots");
  return leadership.sending;
}

function withSending({ leadership }: RaftContext, sending: Leadership["sending"]): Consequence {
  return leadership === null ? nothing : { context: { leadership: { ...leadership, sending } } };
}
