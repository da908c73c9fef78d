/**
 * The nouns every room shares. Pure types and their constructors, nothing else.
 *
 * One word, one meaning: an *entry* is a log record, a *command* is a client's wish, an *event*
 * enters a machine, an *effect* leaves it.
 */

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A member's number: a positive integer, unique in its cluster for ever. */
export type NodeId = Branded<number, "NodeId">;
/** Raft's logical clock (Raft §5.1). 0 means "no term yet". */
export type Term = Branded<number, "Term">;
/** A position in the log. The first entry has index 1; 0 means "before the first". */
export type LogIndex = Branded<number, "LogIndex">;
/** The store's own count of effective mutations, the same on every node. */
export type Revision = Branded<number, "Revision">;
/** 128 random bits in hex, drawn once by each data directory. */
export type DiskId = Branded<string, "DiskId">;
/** 128 bits in hex: SHA-256 of the cluster token and the sorted founding members. */
export type ClusterId = Branded<string, "ClusterId">;
/** How often this data directory has been started, from 1. */
export type Incarnation = Branded<number, "Incarnation">;

export const nodeId = (value: number): NodeId => value as NodeId;
export const term = (value: number): Term => value as Term;
export const logIndex = (value: number): LogIndex => value as LogIndex;
export const revision = (value: number): Revision => value as Revision;
export const diskId = (value: string): DiskId => value as DiskId;
export const clusterId = (value: string): ClusterId => value as ClusterId;
export const incarnation = (value: number): Incarnation => value as Incarnation;

/** The index `distance` behind (or, negative, before) `index`. */
export const indexPlus = (index: LogIndex, distance: number): LogIndex =>
  (index + distance) as LogIndex;

/** What a key holds. JSON strings are `text`; every other JSON value is its compact text. */
export type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "json"; readonly json: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** A write's precondition on the key's `mod_revision`. */
export type Condition =
  | { readonly kind: "revisionIs"; readonly revision: Revision }
  | { readonly kind: "keyIsAbsent" };

interface WriteCommand {
  readonly key: string;
  readonly condition: Condition | null;
  /** 1 to 128 bytes; a retry with the same one gets the first answer. */
  readonly idempotencyKey: string | null;
}
export interface SetCommand extends WriteCommand {
  readonly op: "set";
  readonly value: Value;
}
export interface DeleteCommand extends WriteCommand {
  readonly op: "delete";
}
/** A client's wish, as it is carried opaque through log and wire. */
export type Command = SetCommand | DeleteCommand;

/** Where an effective or replayed command was decided; the same for every replay of it. */
export interface Decision {
  readonly revision: Revision;
  readonly term: Term;
  readonly index: LogIndex;
}
/** What applying a command answered. Deterministic: the same on every node. */
export type CommandResult =
  | ({ readonly kind: "set" } & Decision)
  | ({ readonly kind: "deleted"; readonly deleted: boolean } & Decision)
  | ({ readonly kind: "preconditionFailed"; readonly modRevision: Revision } & Decision)
  | ({ readonly kind: "idempotencyMismatch" } & Decision);

/** A key and what the store knows of it. */
export interface KeyValue {
  readonly key: string;
  readonly value: Value;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  /** Sets since the key was last created; 1 for a new key. */
  readonly version: number;
}

/** `host:port` of a TCP listener. */
export type Address = string;

/** One member as the log knows it. */
export interface Member {
  readonly id: NodeId;
  readonly peerAddress: Address;
  /** null until an entry has bound the member to its data directory. */
  readonly diskId: DiskId | null;
}

/** Gets the log like a voter, and has no say. */
export interface Learner extends Member {
  /** Stays one until told otherwise; any other is promoted once it keeps up. */
  readonly stays: boolean;
}

/** A tombstone: an id that took part once. What its disk promised counts no more. */
export interface RemovedMember {
  readonly id: NodeId;
  /** null where it was never bound. */
  readonly diskId: DiskId | null;
}

/**
 * Who takes part. The whole of it travels in every configuration entry. Invariant: an id stands in
 * one of the three lists at most, and once.
 */
export interface Configuration {
  readonly voters: readonly Member[];
  readonly learners: readonly Learner[];
  readonly removed: readonly RemovedMember[];
}

/** A cluster as it begins: voters alone. */
export const foundedBy = (voters: readonly Member[]): Configuration => ({
  voters,
  learners: [],
  removed: [],
});

/** Everyone who gets the log. */
export const membersOf = ({ learners, voters }: Configuration): readonly Member[] =>
  learners.length === 0 ? voters : [...voters, ...learners];

/** What an operator wants of the configuration. */
export type MembershipChange =
  /** A learner first; promoted by itself once it keeps up, unless it `stays` one. */
  | {
      readonly kind: "add";
      readonly id: NodeId;
      readonly peerAddress: Address;
      readonly stays: boolean;
    }
  /** `force`: even if those who are left and reachable are no majority. */
  | { readonly kind: "remove"; readonly id: NodeId; readonly force: boolean }
  | { readonly kind: "move"; readonly id: NodeId; readonly peerAddress: Address }
  | { readonly kind: "promote"; readonly id: NodeId };

export type EntryKind = "noop" | "configuration" | "command";

/** An entry on its way into a leader's log, before it has an index. */
export type EntryDraft =
  | { readonly kind: "noop" }
  | { readonly kind: "configuration"; readonly configuration: Configuration }
  | { readonly kind: "command"; readonly command: Uint8Array };

/**
 * A log record. `record` is its one encoding: the same bytes on disk and on the wire, checksum
 * included, so that a follower appends what it received without encoding it again.
 */
export interface LogEntry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: EntryKind;
  /** The leader's wall clock in ms since the epoch; never goes back along the log. */
  readonly timeMs: number;
  /** Present exactly when `kind` is "configuration". */
  readonly configuration: Configuration | null;
  /** Length, CRC-32 and payload; a command stands at its end: see `decodeCommandIn`. */
  readonly record: Uint8Array;
}

/** What must be on disk before any message that speaks of it (Raft figure 2, "persistent"). */
export interface HardState {
  readonly term: Term;
  readonly votedFor: NodeId | null;
}

/** A configuration and the entry that put it in force; the founding one has index 0. */
export interface ConfigurationEntry {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

/** A snapshot as nodes speak of it: "the last included index and term" (Raft §7), and its file. */
export interface SnapshotInfo {
  /** It stands for every entry up to this one. */
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  readonly byteLength: number;
  /**
   * CRC-32 over all of the file but its last record, which repeats it: tells two encodings of one
   * state apart.
   */
  readonly checksum: number;
}

/** Whether they are one and the same file. */
export const isSameSnapshot = (a: SnapshotInfo, b: SnapshotInfo): boolean =>
  a.lastIndex === b.lastIndex &&
  a.lastTerm === b.lastTerm &&
  a.byteLength === b.byteLength &&
  a.checksum === b.checksum;

/** An inclusive range of the log. Invariant: `firstIndex <= lastIndex`. */
export interface IndexRange {
  readonly firstIndex: LogIndex;
  readonly lastIndex: LogIndex;
}

export type Role = "Leader" | "Follower" | "Candidate";
