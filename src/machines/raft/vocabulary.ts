/** The words of the Raft machine: what it remembers, what it hears, what it asks for. */
import type { OutgoingRaftMessage, RaftMessage } from "../../messages";
import type {
  Configuration,
  DiskId,
  EntryDraft,
  HardState,
  Incarnation,
  IndexRange,
  LogEntry,
  LogIndex,
  NodeId,
  Term,
} from "../../types";
import type { LogShape } from "../log-shape";
import type { RandomState } from "../random";
import type { WindowLimits } from "../replicator.machine";

/** Durations that shape elections. Units: ms. Invariant: heartbeat <= a third of the timeout. */
export interface RaftTiming {
  /** Lower bound of an election timeout; each wait is drawn from [t, 2t). */
  readonly electionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
}

/** A configuration and the entry that put it in force; the founding one has index 0. */
export interface ConfigurationEntry {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

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
  /** As the last check of the quorum found it; null before the first. */
  readonly ownDisk: OwnDisk | null;
}

/** Whether a leader's own disk gets anywhere. */
export interface OwnDisk {
  readonly durableIndex: LogIndex;
  /** How many checks in a row have found it owing entries and no further. */
  readonly stuckChecks: number;
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
    };

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
