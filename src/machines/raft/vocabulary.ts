/** The words of the Raft machine: what it remembers; see `events.ts` for what it hears and asks. */
import type {
  Address,
  ConfigurationEntry,
  DiskId,
  HardState,
  Incarnation,
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
export type { Delivered, RaftEffect, RaftEvent, Received } from "./events";

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
  /** Where it says that it is; null where it says nothing. */
  readonly peerAddress: Address | null;
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
  /** The same between the two checks before. */
  readonly heardBefore: ReadonlySet<NodeId>;
  readonly transferTo: NodeId | null;
  readonly lastHandOver: HandOver | null;
  /** Which snapshot each peer is being sent: these files are still needed. */
  readonly sending: ReadonlyMap<NodeId, SnapshotInfo>;
  /** As the last check of the quorum found it; null before the first. */
  readonly ownDisk: OwnDisk | null;
  /** How the learners keep up, from their first check on. */
  readonly catchUp: ReadonlyMap<NodeId, CatchUp>;
}

/** A leader's last try to hand over because its own disk was full. */
export interface HandOver {
  readonly to: NodeId;
  /** How many checks of the quorum there have been since. */
  readonly checks: number;
}

/** A learner's round of replication (Thesis §4.2.1). */
export interface CatchUp {
  /** The end of the leader's log when the round began. */
  readonly target: LogIndex;
  /** How many checks of the quorum have found the round unfinished. */
  readonly checks: number;
  /** Whether the round before ended within one check, an election timeout. */
  readonly keepsUp: boolean;
}

/** Why an operator's change is not made. */
export interface ChangeRefusal {
  readonly code:
    | "not_leader"
    | "not_ready"
    | "change_under_way"
    | "unknown_member"
    | "id_in_use"
    | "id_removed"
    | "address_in_use"
    | "too_many"
    | "quorum_lost"
    | "last_voter"
    | "never_bound"
    | "already_voter"
    | "lags";
  /** For people. */
  readonly detail: string;
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
  /** Where this node announces that it is; null where whatever the configuration says holds. */
  readonly peerAddress: Address | null;
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
  /** Who lives on the reserve of its disk, this node perhaps among them, as each last said. */
  readonly fullDisks: ReadonlySet<NodeId>;
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
  readonly peerAddress: Address | null;
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
