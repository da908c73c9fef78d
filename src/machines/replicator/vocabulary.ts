/** The words of a replicator: what it remembers of its peer and what it hears. */
import type { LogIndex, NodeId, SnapshotInfo } from "../../types";
import type { LogShape } from "../log-shape";
import type { Progress, Rejection, WindowLimits } from "./progress";
import type { Transfer } from "./transfer";

export interface ReplicatorContext extends Progress {
  readonly peer: NodeId;
  /**
   * The first entry that the last probe carried, or where it stood if it carried none: an answer
   * from there on ends probing. Not its last, for it is repeated with more before a slow answer.
   */
  readonly probedIndex: LogIndex;
  /** The snapshot on its way; null but in `snapshot`. */
  readonly transfer: Transfer | null;
}

export interface ReplicatorInput {
  readonly peer: NodeId;
  readonly window: WindowLimits;
  readonly log: LogShape;
}

export type ReplicatorEvent =
  | { readonly type: "log.grew"; readonly log: LogShape }
  | { readonly type: "log.compacted"; readonly log: LogShape }
  /** Every peer is to hear from us: now and then, in which lost probes are repeated. */
  | { readonly type: "heartbeat.due" }
  /** The same for a round of reads, which may come a thousand times a second. */
  | { readonly type: "round.opened" }
  | { readonly type: "reply.accepted"; readonly matchIndex: LogIndex }
  | ({ readonly type: "reply.rejected" } & Rejection)
  /** The snapshot that was asked for (`replicator.behind`). */
  | { readonly type: "snapshot.offered"; readonly snapshot: SnapshotInfo }
  /** So much of it has come in. */
  | {
      readonly type: "chunk.acknowledged";
      readonly snapshot: SnapshotInfo;
      readonly receivedBytes: number;
    }
  | { readonly type: "link.lost" };
