/**
 * What one node says to another. A leaf: the machines speak it, the codec writes it down.
 *
 * `term` is always the sender's current term, except where noted.
 */
import type { RequestErrorCode, RequestErrorFacts } from "./errors";
import type {
  Address,
  ClusterId,
  CommandResult,
  DiskId,
  Incarnation,
  IndexRange,
  LogEntry,
  LogIndex,
  MembershipChange,
  NodeId,
  Role,
  SnapshotInfo,
  Term,
} from "./types";

/** Asks whether an election could be won, before anyone's term is disturbed (Thesis §9.6). */
export interface PreVote {
  readonly type: "PreVote";
  /** The term the sender would campaign in: its current term plus one. */
  readonly term: Term;
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
  /** As in RequestVote. */
  readonly voterDisk: DiskId | null;
}
export interface PreVoteReply {
  readonly type: "PreVoteReply";
  /** Granted: the term asked for. Denied: the voter's own term. */
  readonly term: Term;
  readonly granted: boolean;
}
/** Raft §5.2. */
export interface RequestVote {
  readonly type: "RequestVote";
  readonly term: Term;
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
  /**
   * The disk that the sender's log binds the receiver to: one that was bound and has not heard of
   * it yet learns so that its vote counts. null where it is not bound.
   */
  readonly voterDisk: DiskId | null;
  /** Set by TimeoutNow: the leader itself asked for this election (Thesis §4.2.3). */
  readonly transfer: boolean;
}
export interface RequestVoteReply {
  readonly type: "RequestVoteReply";
  readonly term: Term;
  readonly granted: boolean;
}
interface AppendEntriesHeader {
  readonly type: "AppendEntries";
  readonly term: Term;
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: Term;
  readonly leaderCommit: LogIndex;
  /** Read-round sequence: with `term` the token a reply confirms leadership for. */
  readonly round: number;
}
/** Raft §5.3, as received. An empty one is a heartbeat. */
export interface AppendEntries extends AppendEntriesHeader {
  readonly entries: readonly LogEntry[];
  /** ms since the leader sent its last quorum-confirmed round; null before the first. */
  readonly confirmedAgeMs: number | null;
}
/** The same as the machine asks for it: the host fills in the entries of `range`. */
export interface AppendEntriesRange extends AppendEntriesHeader {
  readonly range: IndexRange | null;
}
/**
 * `accepted`: the log matches the leader's, durably, up to `matchIndex`.
 * `rejected`: it does not match at `prevLogIndex`; the conflict names where to look next (§5.3).
 */
export type AppendEntriesReply = {
  readonly type: "AppendEntriesReply";
  readonly term: Term;
  /**
   * The round of the request; confirms leadership for reads of that round or earlier. 0 where the
   * request was of an earlier term: its rounds are not this term's.
   */
  readonly round: number;
} & (
  | {
      readonly accepted: true;
      readonly matchIndex: LogIndex;
      /** False while the node has forgotten entries it may have acknowledged: do not count it. */
      readonly counts: boolean;
    }
  | {
      readonly accepted: false;
      /** Of the request, so that a late rejection is recognised. */
      readonly prevLogIndex: LogIndex;
      /** Term of the conflicting entry; null where the log is too short. */
      readonly conflictTerm: Term | null;
      /** First index of `conflictTerm`, or the index after the last entry. */
      readonly conflictIndex: LogIndex;
    }
);
interface InstallSnapshotHeader {
  readonly type: "InstallSnapshot";
  readonly term: Term;
  /** As in AppendEntries. */
  readonly round: number;
  readonly snapshot: SnapshotInfo;
  /** Where in the snapshot's file the chunk begins. Units: bytes. */
  readonly offset: number;
}
/** Raft §7, as received: one chunk of a snapshot's file. */
export interface InstallSnapshot extends InstallSnapshotHeader {
  readonly bytes: Uint8Array;
}
/** The same as the machine asks for it: the host reads the chunk. */
export interface InstallSnapshotRange extends InstallSnapshotHeader {
  readonly byteLength: number;
}
/**
 * How much of the snapshot has come in: where the next chunk must begin. That it is installed is
 * told by an AppendEntriesReply, as any other match.
 */
export interface InstallSnapshotReply {
  readonly type: "InstallSnapshotReply";
  readonly term: Term;
  readonly round: number;
  readonly snapshot: SnapshotInfo;
  /** Invariant: `receivedBytes <= snapshot.byteLength`. */
  readonly receivedBytes: number;
}
/** Tells the best-placed follower to campaign at once (Thesis §3.10). */
export interface TimeoutNow {
  readonly type: "TimeoutNow";
  readonly term: Term;
}

/** A Raft message as it is received. */
export type RaftMessage =
  | PreVote
  | PreVoteReply
  | RequestVote
  | RequestVoteReply
  | AppendEntries
  | AppendEntriesReply
  | InstallSnapshot
  | InstallSnapshotReply
  | TimeoutNow;

/** A Raft message as the machine emits it. */
export type OutgoingRaftMessage =
  | Exclude<RaftMessage, AppendEntries | InstallSnapshot>
  | AppendEntriesRange
  | InstallSnapshotRange;

/** The first frame on a connection, in both directions. */
export interface Hello {
  readonly protocolVersion: number;
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
  readonly diskId: DiskId;
  readonly incarnation: Incarnation;
  readonly apiAddress: Address;
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
  /**
   * Where this node is to be dialled, for those that do not know it yet, or know it elsewhere; null
   * where whatever the configuration says still holds.
   */
  readonly peerAddress: Address | null;
  /**
   * What the sender's own log says of that, or else what it was told when it joined: for those
   * whose log does not know the sender at all. null where nobody has told it.
   */
  readonly configuredAddress: Address | null;
}

/** Why a connection is refused; the words appear in log and status. */
export type RefusalCode =
  | "protocol_version"
  | "foreign_cluster"
  | "impostor"
  | "wrong_target"
  | "wiped"
  | "removed"
  | "old_incarnation";
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
}

/** What a node reports of itself. */
export interface NodeReport {
  readonly role: Role;
  readonly term: Term;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly lastLogIndex: LogIndex;
  readonly snapshotIndex: LogIndex | null;
  /** The snapshot that is coming in; null while none is. */
  readonly installing: SnapshotProgress | null;
}

/** How far the transfer of a snapshot has come. Units: bytes. */
export interface SnapshotProgress {
  readonly snapshotIndex: LogIndex;
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** What a node asks of another on a client's behalf. */
export type PeerRequest =
  /** To the leader: commit and apply this encoded command. */
  | { readonly type: "propose"; readonly command: Uint8Array }
  /** To the leader: an index that a linearizable read must wait for (Thesis §6.4). */
  | { readonly type: "readIndex" }
  | { readonly type: "report" }
  /** To the leader: change who takes part. */
  | { readonly type: "changeMembers"; readonly change: MembershipChange }
  /** To the leader: hand the office over to this voter, or to the best one. */
  | { readonly type: "transfer"; readonly to: NodeId | null };

export type PeerAnswer =
  | { readonly type: "proposed"; readonly result: CommandResult }
  | { readonly type: "readIndex"; readonly index: LogIndex }
  | { readonly type: "report"; readonly report: NodeReport }
  /** The change is the entry at `index`; committed unless `isPending`. */
  | {
      readonly type: "membersChanged";
      readonly index: LogIndex;
      readonly isPending: boolean;
    }
  /** Another leads now. */
  | { readonly type: "transferred"; readonly leaderId: NodeId }
  | {
      readonly type: "failed";
      readonly code: RequestErrorCode;
      readonly facts: RequestErrorFacts;
    };

/** Everything that travels on a link after the greeting. */
export type PeerMessage =
  | {
      readonly kind: "raft";
      /** Whether the sender's disk has room for more. */
      readonly hasRoom: boolean;
      readonly message: RaftMessage;
    }
  | {
      readonly kind: "request";
      /** Unique among the sender's requests under way. */
      readonly id: number;
      readonly timeoutMs: number;
      readonly request: PeerRequest;
    }
  | { readonly kind: "answer"; readonly id: number; readonly answer: PeerAnswer };
