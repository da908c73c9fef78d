/** How the compaction chart is spoken of: snapshots taken, and the log that is cut behind them. */
import { counted } from "../../actors/phrases";
import type { CompactionContext } from "../../machines/compaction-setup";
import type { CompactionEvent } from "../../machines/compaction-vocabulary";
import type { Moved, Words } from "../machine-track";

type CompactionMoved = Moved<CompactionContext, CompactionEvent>;

export const compactionWords: Words<CompactionContext, CompactionEvent> = {
  event,
  reason,
  index: ({ last }) => last.index,
  facts: ({ appliedIndex, last, logBytes }) => ({
    last_snapshot_index: last.index,
    applied_index: appliedIndex,
    log_bytes: logBytes,
  }),
};

const timers: Readonly<Record<string, string>> = {
  idle: "after interval",
  resting: "after roomDelay",
  "snapshotting.aligning": "after alignDelay",
};

function event({ cause, from }: CompactionMoved): string {
  if (cause === "the start") return "started";
  if (cause === "a timer") return timers[from ?? ""] ?? "after interval";
  return cause.type;
}

function reason({ after, cause, from, to }: CompactionMoved): string {
  const { appliedIndex, last } = after;
  const applied = counted(appliedIndex - last.index, "entry", "entries");
  switch (to) {
    case "snapshotting.aligning":
    case "snapshotting.writing":
      if (from === "snapshotting.aligning") return `the state is cut at index ${appliedIndex}`;
      return `${whyDue(cause)}: ${applied} since the last snapshot`;
    case "publishing.syncing":
      return "the snapshot is written";
    case "publishing.naming":
      return "the snapshot and the log it stands for are durable";
    case "truncating":
      return `the snapshot up to index ${last.index} is published`;
    case "resting":
      return "the disk has no room for a snapshot";
    default:
      return whyIdle(from, cause, last.index);
  }
}

function whyDue(cause: CompactionMoved["cause"]): string {
  if (cause === "a timer") return "the snapshot interval is over";
  if (cause === "the start") return "the log is long";
  return cause.type === "snapshot.requested" ? "somebody asked for a snapshot" : "the log is long";
}

function whyIdle(from: string | null, cause: CompactionMoved["cause"], index: number): string {
  if (from === null) {
    return index === 0 ? "there is no snapshot yet" : `the last snapshot ends at index ${index}`;
  }
  if (typeof cause !== "string" && cause.type === "snapshot.installed") {
    return `the leader's snapshot up to index ${index} has taken the place of our state`;
  }
  return from === "truncating" ? "the log is cut" : "there is nothing new to snapshot";
}
