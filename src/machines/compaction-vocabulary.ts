/** The words of the compaction chart: what it hears, and what it asks for. */
import type { LogIndex } from "../types";
import type { TakenSnapshot } from "./compaction-due";

export type CompactionEvent =
  /** Now and then, after entries were applied. `logBytes` only grows. */
  | {
      readonly type: "applied";
      readonly appliedIndex: LogIndex;
      readonly logBytes: number;
      readonly logIndex: LogIndex;
    }
  /** By a client. It shares the snapshot under way, if there is one. */
  | { readonly type: "snapshot.requested" }
  /** The whole of it, though not durable yet. */
  | { readonly type: "snapshot.written" }
  /** The file is durable, and so is the log up to the snapshot's last entry. */
  | { readonly type: "snapshot.synced" }
  | { readonly type: "snapshot.published"; readonly snapshot: TakenSnapshot }
  | { readonly type: "log.cut" }
  /** The leader's has taken the place of our state. */
  | { readonly type: "snapshot.installed"; readonly snapshot: TakenSnapshot }
  | { readonly type: "room.lacking" };

/** How it ended, for those who asked. */
export type CompactionOutcome = "published" | "nothingNew" | "abandoned" | "noRoom";

export type CompactionEffect =
  /** A new segment of the log, so that those before it can soon be removed whole. */
  | { readonly type: "rollLog" }
  /**
   * Cut the state as it is now, and have the whole of it written before the log's bytes, as
   * `applied` counts them, are more than `logBytesMax`. It will be about as long as the `last`.
   */
  | {
      readonly type: "beginSnapshot";
      readonly logBytesMax: number;
      readonly last: TakenSnapshot;
    }
  /** Write it in slices, breathe in between, say `snapshot.written` behind the last. */
  | { readonly type: "writeSnapshot" }
  | { readonly type: "syncSnapshot" }
  /** Give it its name, durably; then the log may be cut. */
  | { readonly type: "publishSnapshot" }
  | { readonly type: "abandonSnapshot" }
  | { readonly type: "finished"; readonly outcome: CompactionOutcome };
