/** All that the API may know of a node. */
import type { SnapshotProgress } from "../messages";
import type {
  Address,
  ClusterId,
  Command,
  CommandResult,
  KeyValue,
  LogEntry,
  LogIndex,
  MembershipChange,
  NodeId,
  Revision,
  Role,
  SnapshotInfo,
  Term,
} from "../types";

/** `stale` reads answer at once from this node's own copy. */
export type Consistency = "linearizable" | "stale";

export interface ReadOptions {
  readonly consistency: Consistency;
  readonly timeoutMs: number;
}
/** What a read was answered from. */
export interface ReadContext {
  /** The store's revision the answer was taken at. */
  readonly revision: Revision;
  /** For stale reads: how old at most, in ms, or null where nobody knows. */
  readonly stalenessMs: number | null;
}
export interface ListOptions extends ReadOptions {
  readonly prefix: string;
  /** Only keys after this one, by UTF-8 bytes; null from the first. */
  readonly after: string | null;
  readonly limit: number;
  /** Stop a page after this many bytes of keys and values. */
  readonly bytesMax: number;
}
export interface ListAnswer extends ReadContext {
  readonly items: readonly KeyValue[];
  readonly more: boolean;
}

/** One node as some node knows it; null is "never heard". Matches `GET /cluster/status`. */
export interface NodeStatus {
  readonly id: NodeId;
  readonly apiAddress: Address | null;
  readonly peerAddress: Address;
  readonly role: Role | null;
  readonly healthy: boolean;
  readonly voter: boolean;
  readonly term: Term | null;
  readonly commitIndex: LogIndex | null;
  readonly appliedIndex: LogIndex | null;
  readonly lastLogIndex: LogIndex | null;
  readonly snapshotIndex: LogIndex | null;
  readonly installing: SnapshotProgress | null;
  readonly lastContactMs: number | null;
}
export interface ClusterStatus {
  readonly clusterId: ClusterId;
  readonly term: Term;
  readonly leaderId: NodeId | null;
  readonly quorum: { readonly voters: number; readonly needed: number; readonly reachable: number };
  readonly nodes: readonly NodeStatus[];
}

/** One member of the configuration, and where it stands. */
export interface MemberStatus {
  readonly id: NodeId;
  readonly peerAddress: Address;
  /** As announced; null where it was never met. */
  readonly apiAddress: Address | null;
  /** `joining`: a learner that the cluster has not met yet. */
  readonly state: "joining" | "learner" | "voter";
  /** Of a learner: whether it stays one. */
  readonly stays: boolean;
  readonly healthy: boolean;
  /** The last entry it is known to hold; null where it was never heard. */
  readonly lastLogIndex: LogIndex | null;
}

/** Who takes part, as this node's log has it. */
export interface Members {
  readonly clusterId: ClusterId;
  readonly leaderId: NodeId | null;
  /** The entry that says so; 0 for the founders. */
  readonly index: LogIndex;
  readonly isCommitted: boolean;
  readonly members: readonly MemberStatus[];
  /** Ids that will never be used again. */
  readonly removed: readonly NodeId[];
  /** The configuration that the log began with: a node that joins begins with it too. */
  readonly founders: readonly { readonly id: NodeId; readonly peerAddress: Address }[];
}

/** A change that is in the leader's log. */
export interface ChangeAnswer {
  readonly index: LogIndex;
  /** It waits for those whom it leaves the cluster with: they are no majority now. */
  readonly isPending: boolean;
}

/** Cheap facts that every answer carries in its headers. */
export interface NodeVitals {
  readonly id: NodeId;
  readonly leaderId: NodeId | null;
  readonly leaderApiAddress: Address | null;
  readonly term: Term;
  readonly revision: Revision;
}

/** One sample for `/metrics`. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

export interface LogPage {
  /** The first index that was asked for. */
  readonly from: LogIndex;
  readonly entries: readonly LogEntry[];
  readonly commitIndex: LogIndex;
}

/** A consistent copy of the state at one revision, on its way out. */
export interface Backup {
  readonly revision: Revision;
  readonly lastIndex: LogIndex;
  /** The bytes of a snapshot's file, piece by piece; each piece is encoded when it is asked for. */
  readonly pieces: Iterator<Uint8Array>;
  /** To be called in the end, whether all pieces were taken or not. */
  release(): void;
}

export interface NodeHandle {
  vitals(): NodeVitals;
  /**
   * Has a command committed and applied, on whichever node leads, and answers its result.
   * Errors: `RequestError` with a true outcome.
   */
  propose(command: Command, timeoutMs: number): Promise<CommandResult>;
  /** Whether there is room for a write now. `propose` finds it for itself: this asks beforehand. */
  readonly hasRoom: boolean;
  /**
   * Comes back once there is room for one, whose body need not be read until then. Errors:
   * `overloaded`, a while later but within `timeoutMs`, and `shutting_down`.
   */
  awaitRoom(timeoutMs: number): Promise<void>;
  /** One key, or null where absent. Errors: `RequestError`. */
  get(key: string, options: ReadOptions): Promise<ReadContext & { readonly item: KeyValue | null }>;
  list(options: ListOptions): Promise<ListAnswer>;
  /**
   * This node's committed entries `from…`, at most `limit`; null for the first there is. Errors:
   * `compacted`.
   */
  log(from: LogIndex | null, limit: number): LogPage;
  /** Within 1 s, whatever is down, and within `timeoutMs` if that is less. */
  status(timeoutMs: number): Promise<ClusterStatus>;
  /**
   * Has this node take a snapshot now, and answers with the newest one: the present one where
   * nothing was applied since. Errors: `RequestError` `timeout`, `out_of_space`, `shutting_down`.
   */
  takeSnapshot(timeoutMs: number): Promise<SnapshotInfo>;
  /** Everything that was acknowledged before the request is in it. Errors: `RequestError`. */
  backup(timeoutMs: number): Promise<Backup>;
  /** Within 1 s, whatever is down, and within `timeoutMs` if that is less. */
  members(timeoutMs: number): Promise<Members>;
  /**
   * Has who takes part changed, by whichever node leads; done when that is committed. Errors:
   * `RequestError` `membership_conflict`, `not_found`, and those of a write.
   */
  changeMembers(change: MembershipChange, timeoutMs: number): Promise<ChangeAnswer>;
  /**
   * Waits, as far as this node's log shows, until a node that was added is what it is to become: a
   * voter, or a learner that has been met. False when the time is up before.
   */
  memberSettled(id: NodeId, timeoutMs: number): Promise<boolean>;
  /**
   * Has the leader hand its office to `to`, or to the best voter; answers who leads then. Errors:
   * `RequestError` `membership_conflict`, `not_found`, `no_leader`, `timeout`.
   */
  transferLeadership(to: NodeId | null, timeoutMs: number): Promise<NodeId>;
  /** null when able to serve, else why not. */
  unreadiness(): string | null;
  metrics(): readonly Metric[];
  /** `host:port` of every member's API as announced, for Origin and Host checks. */
  announcedApiAddresses(): readonly Address[];
  /** True once the node means to stop: it serves on, but clients had better go elsewhere. */
  readonly leaving: boolean;
  /** True once it takes nothing new. */
  readonly stopping: boolean;
}
