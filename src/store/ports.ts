/**
 * What the store asks of a file system, and what the actors may ask of the store.
 *
 * The contract of durability: bytes written are promised only after a data sync that *started*
 * after the write has succeeded; a new, renamed or removed name only after the directory was
 * synced. After a failed sync nothing is promised any more and the node must stop (a retry may
 * "succeed" over lost pages).
 */
import type {
  Address,
  ClusterId,
  Configuration,
  ConfigurationEntry,
  DiskId,
  EntryKind,
  HardState,
  Incarnation,
  LogEntry,
  LogIndex,
  NodeId,
  Revision,
  SnapshotInfo,
  Term,
} from "../types";

/** An open file. Positions and lengths are in bytes. */
export interface File {
  size(): number;
  /** Up to `length` bytes from `position`; fewer only at the end of the file. */
  read(position: number, length: number): Uint8Array;
  /**
   * Writes at `position` and returns how many bytes were taken, which may be fewer than given.
   * Errors: `NoSpaceError` when the disk is full, any other error is fatal to the node.
   */
  write(position: number, bytes: Uint8Array): number;
  /** Makes written bytes durable, blocking. Errors are fatal to the node. */
  dataSync(): void;
  /** The same without blocking; `done` is called exactly once, never synchronously. */
  startDataSync(done: (error: Error | null) => void): void;
  close(): void;
}

/** The disk is full. The write may have been partial. */
export class NoSpaceError extends Error {
  override readonly name = "NoSpaceError";
}

/** The node's data directory. Names are plain file names inside it: there are no subfolders. */
export interface FileSystem {
  /** Takes sole ownership of the directory. Errors: `StartupError` `data_locked`. */
  lock(): void;
  unlock(): void;
  /** All file names, sorted by code unit. */
  list(): readonly string[];
  exists(name: string): boolean;
  /** Errors when it does not exist and `create` is false. */
  open(name: string, options: { readonly create: boolean }): File;
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Makes created, renamed and removed names durable. */
  syncDirectory(): void;
  /** A path a person can open, for messages. */
  describe(name: string): string;
}

/** Where a node was to be found; null where nobody wrote it down. */
export interface FirstPeerPort {
  /** Where the peer port listened, as far as that was written down. */
  readonly listen: Address | null;
  /** Where the others were told to dial it at its first start; null once it has moved since. */
  readonly configured: Address | null;
}

/** Who this data directory belongs to; written once, but for the incarnation and a move. */
export interface Identity extends FirstPeerPort {
  readonly nodeId: NodeId;
  readonly clusterId: ClusterId;
  readonly diskId: DiskId;
  /** Of this start; grows by one durably before anything is sent. */
  readonly incarnation: Incarnation;
  /** The configuration that the log begins with; `--cluster` must equal it later. */
  readonly founders: Configuration;
  /**
   * Checksum of the backup that the cluster was founded from, of which its id is made too, so that
   * a blank founder never joins restored ones; null for a cluster that began with nothing.
   */
  readonly restoredFrom: number | null;
}

/** What the machine needs of an entry that is already in the log. */
export interface EntrySummary {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: EntryKind;
  /** Length of the record in bytes. */
  readonly byteLength: number;
  readonly configuration: Configuration | null;
}

/** The newest snapshot a restart could use; its state is in the projection already. */
export interface RecoveredSnapshot {
  readonly info: SnapshotInfo;
  readonly configuration: ConfigurationEntry;
  /** Leader time of its last entry, in ms since the epoch. */
  readonly timeMs: number;
}

/** What a restart found. */
export interface Recovered {
  readonly hardState: HardState;
  readonly snapshot: RecoveredSnapshot | null;
  /** The entry before the first of `entries`; index and term 0 for a whole log. */
  readonly base: { readonly index: LogIndex; readonly term: Term };
  /**
   * Behind `base` without a gap; the snapshot's last entry is `base` or among them. To be read once
   * and let go: a long log has a million of them.
   */
  readonly entries: readonly EntrySummary[];
  /** Known committed when the log was last written; never above `entries`' last index. */
  readonly commitIndex: LogIndex;
  /**
   * The highest index this node may have acknowledged where the log now ends below it; else null.
   * Until the log has reached it again the node neither votes nor counts.
   */
  readonly forgottenUpTo: LogIndex | null;
  /** One line for the log when an unacknowledged tail was trimmed, else null. */
  readonly trimmed: string | null;
  /** One line for the log for each snapshot that could not be used. */
  readonly damagedSnapshots: readonly string[];
}

/** Called when everything up to `lastIndex`, as written by `generation`, is durable. */
export type DurableListener = (lastIndex: LogIndex, generation: number) => void;

/** Called when a data sync of the log begins; what it returns, when that has ended. */
export type SyncListener = () => () => void;

/** The event-sourced log. All indexes inclusive. */
export interface LogStore {
  /** The entry before the first that can be read; 0 for a whole log. */
  readonly baseIndex: LogIndex;
  /** Invariant: `baseIndex <= lastIndex`. */
  readonly lastIndex: LogIndex;
  readonly durableIndex: LogIndex;
  /** Bytes appended since start, for metrics. */
  readonly bytesWritten: number;
  readonly syncs: number;
  /**
   * Appends entries whose first index is at most `lastIndex + 1`; a lower one replaces the tail
   * from there on (logically: segments are append-only). Begins a data sync, or joins the next
   * one when a sync is under way. `generation` counts the caller's truncations and comes back
   * with the completion, so that a late one is recognised (etcd's append ABA).
   * Errors: `NoSpaceError` when not even the reserve holds them; nothing was appended then.
   */
  append(
    entries: readonly LogEntry[],
    options: { readonly generation: number; readonly commitIndex: LogIndex },
  ): void;
  /** Entries `first…last`, at most `bytesMax` bytes but at least one entry. */
  read(first: LogIndex, last: LogIndex, bytesMax: number): readonly LogEntry[];
  /**
   * The next batch begins a new segment, so that those before it can soon be cut off whole; unless
   * the present one is mostly empty.
   */
  roll(): void;
  /**
   * Forgets the entries up to and with `baseIndex`, which a durable snapshot stands for, and
   * removes the segments that hold nothing else.
   */
  cut(baseIndex: LogIndex): void;
  /**
   * Replaces the whole log by nothing behind `last`, the end of a durable snapshot; durable when it
   * returns. Of appends before it nothing is heard any more. A disk that has not even room for the
   * new segment's first bytes is fatal: the next start does the same, for it finds the snapshot.
   */
  reset(last: { readonly index: LogIndex; readonly term: Term }): void;
  /** Takes the room for that, before the snapshot gets its name; false where there is none. */
  prepareReset(): boolean;
  /** Writes term and vote; `done` once durable. Later calls replace earlier waiting ones. */
  persistHardState(hardState: HardState, done: () => void): void;
  /**
   * Nothing this node may have acknowledged is missing any more, whatever the mark says: written
   * down in the background, so that the next start does not ask again.
   */
  clearForgotten(): void;
  /** True while the reserve is whole and there is room for more. */
  readonly hasRoom: boolean;
  /** Tries to win the reserve back; called now and then by the host. */
  restoreReserve(): void;
  /**
   * Repeats the log's durable mark beside the hard state if it has moved, in the background; called
   * about once a second by the host, so that a log that was cut short is noticed at the next start.
   */
  repeatMark(): void;
  /** Waits for what was written, then releases files and the lock. */
  close(done: () => void): void;
}

/** A log that keeps what the disk has no room for until there is some. */
export interface PatientLogStore extends LogStore {
  /** True while entries wait for room: bring it no more. */
  readonly isFull: boolean;
}

/** What a snapshot says about itself before its contents. */
export interface SnapshotHead {
  readonly clusterId: ClusterId;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /** Leader time of the last entry, in ms since the epoch. */
  readonly timeMs: number;
  readonly revision: Revision;
  /** The last one at or before `lastIndex`. */
  readonly configuration: ConfigurationEntry;
  readonly keyCount: number;
  readonly answerCount: number;
  /** Of the state: see `KvProjection.stateHash`. */
  readonly stateHash: string;
}

/** A snapshot being written under a temporary name. Any error but a full disk is fatal. */
export interface SnapshotWriting {
  /** Of what is written. */
  readonly byteLength: number;
  /** Encodes and writes one slice more; true once all is written. Errors: `NoSpaceError`. */
  writeSlice(): boolean;
  /** Begins a data sync; `done` is called once, never synchronously. */
  sync(done: () => void): void;
  /**
   * Gives it its name, durably: from here on a restart finds it. Blocking. Only after `sync`.
   * Removes those that are no longer kept.
   */
  publish(): SnapshotInfo;
  /** Removes what was written. */
  abandon(): void;
}

/** A snapshot being received under a temporary name. */
export interface SnapshotReceiving<State> {
  readonly info: SnapshotInfo;
  /** Writes a chunk that begins where the last one ended. Errors: `NoSpaceError`. */
  write(offset: number, bytes: Uint8Array): void;
  sync(done: () => void): void;
  /**
   * Reads, checks and decodes one slice more of what was received; the whole once it is there, null
   * before. Errors: `SnapshotDamagedError`.
   */
  loadSlice(): LoadedSnapshot<State> | null;
  /** As of `SnapshotWriting`; every other snapshot goes, for the log behind it is gone. */
  publish(): SnapshotInfo;
  abandon(): void;
}

export interface LoadedSnapshot<State> {
  readonly head: SnapshotHead;
  readonly state: State;
}

/** The file is not a whole, unharmed snapshot. */
export class SnapshotDamagedError extends Error {
  override readonly name = "SnapshotDamagedError";
}

/** The snapshots of a data directory. `Cut` and `State` are the projection's. */
export interface SnapshotStore<Cut, State> {
  /** Newest first. */
  readonly published: readonly SnapshotInfo[];
  /** Begins to write the cut, and releases it in the end; at most one is written at a time. */
  write(cut: Cut, about: Pick<SnapshotHead, "configuration">): SnapshotWriting;
  /** Begins to receive; at most one at a time. */
  receive(info: SnapshotInfo): SnapshotReceiving<State>;
  /** `byteLength` bytes of a published snapshot's file, fewer only at its end. */
  read(info: SnapshotInfo, offset: number, byteLength: number): Uint8Array;
  /**
   * Asked before an old snapshot's file is removed: true keeps it, for it is being sent to a peer.
   */
  isNeeded: (info: SnapshotInfo) => boolean;
}
