/** What the Raft machine hears and what it asks for. */
import type { OutgoingRaftMessage, RaftMessage } from "../../messages";
import type {
  ConfigurationEntry,
  DiskId,
  EntryDraft,
  HardState,
  Incarnation,
  IndexRange,
  LogEntry,
  LogIndex,
  MembershipChange,
  NodeId,
  SnapshotInfo,
  Term,
} from "../../types";
import type { ChangeRefusal, MetPeer } from "./vocabulary";

/** A message and the greeting it came under. */
export interface Received {
  readonly from: NodeId;
  readonly incarnation: Incarnation;
  readonly diskId: DiskId;
  readonly message: RaftMessage;
}

/** A message on its way from the root's rules to the role. */
export type Delivered = {
  readonly [T in RaftMessage["type"]]: {
    readonly type: T;
    readonly sender: Received;
    readonly message: Extract<RaftMessage, { readonly type: T }>;
  };
}[RaftMessage["type"]];

export type RaftEvent =
  | ({ readonly type: "received" } & Received)
  | Delivered
  /** Raised by the root when a message has shown a higher term. */
  | { readonly type: "term.superseded" }
  | ({ readonly type: "peer.met"; readonly peer: NodeId } & MetPeer)
  | { readonly type: "peer.lost"; readonly peer: NodeId }
  /** A disk, perhaps our own, is down to its reserve; or has room again. */
  | { readonly type: "disk.filled"; readonly node: NodeId }
  | { readonly type: "disk.freed"; readonly node: NodeId }
  | { readonly type: "hardState.durable"; readonly hardState: HardState }
  | {
      readonly type: "log.durable";
      readonly lastIndex: LogIndex;
      readonly generation: number;
    }
  /** Everything that waited since the last turn of the loop; `commands` are encoded. */
  | { readonly type: "client.proposed"; readonly commands: readonly Uint8Array[] }
  /** All reads that wait in this turn share one `read`. */
  | { readonly type: "client.readRequested"; readonly read: number }
  | { readonly type: "transfer.requested"; readonly to: NodeId | null }
  /** `reachable`: the members that the host hears from, itself included. */
  | {
      readonly type: "member.changeRequested";
      readonly request: number;
      readonly change: MembershipChange;
      readonly reachable: readonly NodeId[];
    }
  /** Raised by a leader that has appended a configuration of its own. */
  | { readonly type: "configuration.appended" }
  /** From the leader's metronomes. */
  | { readonly type: "heartbeat.due" }
  | { readonly type: "quorumCheck.due" }
  /** A replicator found its peer's window open. */
  | {
      readonly type: "replicator.ready";
      readonly peer: NodeId;
      readonly prevLogIndex: LogIndex;
      readonly range: IndexRange | null;
    }
  /** A replicator's peer lacks what the log no longer holds. */
  | { readonly type: "replicator.behind"; readonly peer: NodeId }
  /** A replicator's peer is ready for a chunk. */
  | {
      readonly type: "replicator.chunkReady";
      readonly peer: NodeId;
      readonly snapshot: SnapshotInfo;
      readonly offset: number;
      readonly byteLength: number;
    }
  /** A replicator needs its snapshot no longer. */
  | { readonly type: "replicator.snapshotDone"; readonly peer: NodeId }
  /** A snapshot of our own is durable; the log up to and with `baseIndex` may go. */
  | {
      readonly type: "snapshot.published";
      readonly snapshot: SnapshotInfo;
      readonly baseIndex: LogIndex;
    }
  /** The snapshot being received is whole, durable under a temporary name, and checked. */
  | {
      readonly type: "snapshot.loaded";
      readonly snapshot: SnapshotInfo;
      readonly configuration: ConfigurationEntry;
    }
  /** The snapshot being received cannot be used: damaged, or the disk had no room. */
  | { readonly type: "snapshot.failed"; readonly snapshot: SnapshotInfo };

export type RaftEffect =
  | { readonly type: "persistHardState"; readonly hardState: HardState }
  | { readonly type: "send"; readonly to: NodeId; readonly message: OutgoingRaftMessage }
  /** A leader's own entries: the host encodes and appends them. */
  | {
      readonly type: "appendDrafts";
      readonly term: Term;
      readonly firstIndex: LogIndex;
      readonly drafts: readonly EntryDraft[];
      readonly generation: number;
    }
  /** A follower's: already encoded; the first may replace a tail. */
  | {
      readonly type: "appendEntries";
      readonly entries: readonly LogEntry[];
      readonly generation: number;
    }
  /** Nothing that this node may have acknowledged is missing any more. */
  | { readonly type: "clearForgotten" }
  /** A chunk to keep; with the last one the host syncs, checks and loads the whole. */
  | {
      readonly type: "receiveChunk";
      readonly snapshot: SnapshotInfo;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  /** What came in of this snapshot is of no use any more. */
  | { readonly type: "abandonSnapshot"; readonly snapshot: SnapshotInfo }
  /**
   * Publishes the loaded snapshot durably and takes its state over; `replacesLog` where the log
   * does not hold the snapshot's last entry, and begins anew behind it.
   */
  | {
      readonly type: "installSnapshot";
      readonly snapshot: SnapshotInfo;
      readonly replacesLog: boolean;
    }
  /** Entries up to and with `baseIndex` are needed by nobody. */
  | { readonly type: "cutLog"; readonly baseIndex: LogIndex }
  | { readonly type: "applyCommitted"; readonly commitIndex: LogIndex }
  /** The change that was requested is the entry at `index`. */
  | {
      readonly type: "changeAppended";
      readonly request: number;
      readonly index: LogIndex;
    }
  | {
      readonly type: "declineChange";
      readonly request: number;
      readonly refusal: ChangeRefusal;
    }
  /** Nothing of these was appended: the host may offer them again elsewhere. */
  | { readonly type: "declineProposals"; readonly commands: readonly Uint8Array[] }
  | { readonly type: "confirmRead"; readonly read: number; readonly readIndex: LogIndex }
  /** The read must find another leader. */
  | { readonly type: "declineRead"; readonly read: number }
  | { readonly type: "openRound"; readonly round: number }
  /** A quorum has answered `round`: everything up to it is confirmed. */
  | { readonly type: "confirmRound"; readonly round: number }
  | { readonly type: "takeOffice"; readonly term: Term; readonly firstIndex: LogIndex }
  | { readonly type: "leaveOffice" };
