/** InstallSnapshot (Raft §7, figure 13) at the node that lags: chunk by chunk, then whole. */
import { assert } from "../../../assert";
import type { InstallSnapshot } from "../../../messages";
import { isSameSnapshot, logIndex, type SnapshotInfo } from "../../../types";
import { shapeBehind, termAt } from "../../log-shape";
import { all, type Consequence, nothing } from "../rule";
import type { ConfigurationEntry, RaftContext, RaftEffect, RaftEvent } from "../vocabulary";
import { abandonReceiving } from "./receiving";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/** Whether all it stands for is committed here: it could only take us back. */
export const isStaleSnapshot = (context: RaftContext, { snapshot }: InstallSnapshot): boolean =>
  snapshot.lastIndex <= context.commitIndex;

/**
 * Nothing of it is received. But what is committed is in every later leader's log, so our log is
 * known to match this leader's as far as the snapshot goes, and we say so.
 */
export function refuseSnapshot(context: RaftContext, event: On<"InstallSnapshot">): Consequence {
  const { lastIndex } = event.message.snapshot;
  return { context: { verifiedIndex: logIndex(Math.max(context.verifiedIndex, lastIndex)) } };
}

/**
 * "Create new snapshot file if first chunk (offset is 0). Write data into snapshot file at given
 * offset. Reply and wait for more data chunks" (figure 13, steps 2 to 4). Ours: chunks are taken in
 * order only; the reply says where the next one must begin, to any other too.
 */
export function receiveChunk(context: RaftContext, event: On<"InstallSnapshot">): Consequence {
  const { message, sender } = event;
  const { bytes, offset, round, snapshot } = message;
  if (bytes.length === 0 || offset + bytes.length > snapshot.byteLength) return nothing;
  const held = heldOf(context, snapshot);
  const isWanted = offset === (held ?? 0) && (held !== null || supersedes(context, message));
  const receivedBytes = isWanted ? offset + bytes.length : (held ?? 0);
  const reply: RaftEffect = {
    type: "send",
    to: sender.from,
    message: {
      type: "InstallSnapshotReply",
      term: context.currentTerm,
      round,
      snapshot,
      receivedBytes,
    },
  };
  if (!isWanted) return { effects: [reply] };
  return all(held === null ? abandonReceiving(context) : nothing, {
    context: { receiving: { snapshot, receivedBytes, inTerm: context.currentTerm } },
    effects: [{ type: "receiveChunk", snapshot, offset, bytes }, reply],
  });
}

/** How much of it is here, in bytes; null where it is not the one that comes in. */
const heldOf = ({ receiving }: RaftContext, snapshot: SnapshotInfo): number | null =>
  receiving !== null && isSameSnapshot(receiving.snapshot, snapshot)
    ? receiving.receivedBytes
    : null;

/**
 * "Discard any existing or partial snapshot with a smaller index" (figure 13, step 5); a late chunk
 * of a smaller one discards nothing. Ours: what a later leader sends always takes the place of what
 * an earlier one began and cannot end, were it newer.
 */
function supersedes({ receiving }: RaftContext, { snapshot, term }: InstallSnapshot): boolean {
  if (receiving === null || term > receiving.inTerm) return true;
  return snapshot.lastIndex >= receiving.snapshot.lastIndex;
}

/** Whether it is the one that came in, whole, and nothing has taken its place since. */
export const isAwaited = (context: RaftContext, snapshot: SnapshotInfo): boolean =>
  heldOf(context, snapshot) === snapshot.byteLength;

/** It could not be used: the leader will find that nothing of it is here. */
export const forgetReceiving = (
  context: RaftContext,
  { snapshot }: On<"snapshot.failed">,
): Consequence => (heldOf(context, snapshot) === null ? nothing : { context: { receiving: null } });

/**
 * "If existing log entry has same index and term as snapshot's last included entry, retain log
 * entries following it"; else "discard the entire log" (figure 13, steps 6 and 7), a conflicting
 * suffix with it (M41). "Reset state machine using snapshot contents (and load snapshot's cluster
 * configuration)" (step 8). From here on the snapshot itself is what this node holds durably.
 */
export function installSnapshot(context: RaftContext, event: On<"snapshot.loaded">): Consequence {
  const { configuration, snapshot } = event;
  const { lastIndex, lastTerm } = snapshot;
  assert(lastIndex > context.commitIndex, "a snapshot never takes a node back");
  assert(configuration.index <= lastIndex, "a snapshot knows its own configuration");
  const replacesLog = termAt(context.log, lastIndex) !== lastTerm;
  const kept = replacesLog ? emptied(context, snapshot) : context;
  const later = kept.configurations.filter((entry) => entry.index > lastIndex);
  const configurations: readonly ConfigurationEntry[] = [configuration, ...later];
  return {
    context: {
      log: kept.log,
      generation: kept.generation,
      durableIndex: logIndex(Math.max(kept.durableIndex, lastIndex)),
      verifiedIndex: logIndex(Math.max(kept.verifiedIndex, lastIndex)),
      commitIndex: lastIndex,
      configurations,
      snapshot,
      receiving: null,
    },
    effects: [{ type: "installSnapshot", snapshot, replacesLog }],
  };
}

/** Without its log: another generation, so that late word of what was in it is not believed. */
const emptied = (context: RaftContext, snapshot: SnapshotInfo): RaftContext => ({
  ...context,
  log: shapeBehind(snapshot),
  generation: context.generation + 1,
  durableIndex: snapshot.lastIndex,
  verifiedIndex: snapshot.lastIndex,
  configurations: [],
});
