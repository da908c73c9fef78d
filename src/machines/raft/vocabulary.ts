/** The words of the Raft machine: what it remembers, what it hears, what it asks for. */
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
  NodeId,
  SnapshotInfo,
  Term,
} from "../../types";
import type { LogShape } from "../log-shape";
import type { RandomState } from "../random";
import type { WindowLimits } from "../replicator/progress";

/** Durations that shape elections. Units: ms. Invariant: heartbeat <= a third of the timeout. */
export interface RaftTiming {
  /** Lower bound of an election timeout; each wait is drawn from [t, 2t). */
  readonly electionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
}

export type { ConfigurationEntry } from "../../types";

/** Where the log once reached, as far as this node may have acknowledged it. */
export interface Forgotten {
  readonly upTo: LogIndex;
  /** The term the node was in when it forgot. */
  readonly inTerm: Term;
}

/** A peer as its last greeting introduced it; dropped when the link is lost. */
export interface MetPeer {
  readonly incarnation: Incarnation;
  readonly diskId: DiskId;
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
}

/** A (pre-)campaign under way. */
export interface Election {
  /** Who granted in this round, ourselves included once our own vote is durable. */
  readonly granted: ReadonlySet<NodeId>;
  /** Asked for by the leader (TimeoutNow): leases do not stand in its way. */
  readonly transfer: boolean;
}

/** A read that waits for proof that this node still leads. */
export interface WaitingRead {
  readonly read: number;
  /** The round that confirms it and its index; null before the first commit of the term. */
  readonly token: { readonly round: number; readonly readIndex: LogIndex } | null;
}

/** What only a leader knows (Raft figure 2, "volatile state on leaders"). */
export interface Leadership {
  /** Index of the term's first entry: until it commits nothing is known to be committed. */
  readonly firstIndex: LogIndex;
  /** Peers that have a replicator. */
  readonly replicators: readonly NodeId[];
  /** Durable and matching, per peer. Only grows. Only trusted, counting replies enter. */
  readonly matchIndex: ReadonlyMap<NodeId, LogIndex>;
  /** Last round sent. With the term it is the token of a read (Thesis §6.4). */
  readonly round: number;
  /** Highest round each peer has answered. */
  readonly answeredRound: ReadonlyMap<NodeId, number>;
  /** Highest round a quorum has answered. Invariant: `quorumRound <= round`. */
  readonly quorumRound: number;
  readonly waitingReads: readonly WaitingRead[];
  /** Peers heard from since the last check of the quorum. */
  readonly heard: ReadonlySet<NodeId>;
  readonly transferTo: NodeId | null;
  /** Which snapshot each peer is being sent: these files are still needed. */
  readonly sending: ReadonlyMap<NodeId, SnapshotInfo>;
  /** As the last check of the quorum found it; null before the first. */
  readonly ownDisk: OwnDisk | null;
}

/** Whether a leader's own disk gets anywhere. */
export interface OwnDisk {
  readonly durableIndex: LogIndex;
  /** How many checks in a row have found it owing entries and no further. */
  readonly stuckChecks: number;
}

/** A snapshot on its way to us, chunk by chunk. */
export interface Receiving {
  readonly snapshot: SnapshotInfo;
  /** Invariant: `receivedBytes <= snapshot.byteLength`; equal while it is checked and loaded. */
  readonly receivedBytes: number;
  /** Of the leader that sent the last chunk. */
  readonly inTerm: Term;
}

export interface RaftContext {
  readonly id: NodeId;
  readonly diskId: DiskId;
  readonly timing: RaftTiming;
  readonly window: WindowLimits;
  readonly random: RandomState;
  /** The wait drawn for the election timer that runs now, in ms. */
  readonly electionDelayMs: number;

  readonly currentTerm: Term;
  readonly votedFor: NodeId | null;
  /** Ascending by index, never empty; the last is in force (Raft §6: as soon as appended). */
  readonly configurations: readonly ConfigurationEntry[];
  readonly log: LogShape;
  /** Counts truncations, so that a completion of an overwritten append is recognised. */
  readonly generation: number;
  /** Invariant: `durableIndex <= log.lastIndex`. */
  readonly durableIndex: LogIndex;
  readonly forgotten: Forgotten | null;
  /** Invariant: `commitIndex <= log.lastIndex`. Never regresses. */
  readonly commitIndex: LogIndex;

  readonly leaderId: NodeId | null;
  /** Last index known to match the leader of `currentTerm`; 0 at the start of a term. */
  readonly verifiedIndex: LogIndex;
  /** Highest round heard from that leader. */
  readonly leaderRound: number;
  readonly peers: ReadonlyMap<NodeId, MetPeer>;
  readonly election: Election | null;
  readonly leadership: Leadership | null;
  /** The newest snapshot published here. Invariant: its `lastIndex >= log.baseIndex`. */
  readonly snapshot: SnapshotInfo | null;
  /** Invariant: its snapshot's `lastIndex > commitIndex`; null while leading. */
  readonly receiving: Receiving | null;
}

export interface RaftInput {
  readonly id: NodeId;
  readonly diskId: DiskId;
  readonly timing: RaftTiming;
  readonly window: WindowLimits;
  readonly seed: string;
  readonly hardState: HardState;
  readonly log: LogShape;
  readonly configurations: readonly ConfigurationEntry[];
  readonly commitIndex: LogIndex;
  readonly forgotten: Forgotten | null;
  readonly snapshot: SnapshotInfo | null;
}

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
