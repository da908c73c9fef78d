/** Short words for tests of the Raft machine: logs, messages and effects, in plain numbers. */
import { appendRun, emptyLogShape, type LogShape } from "../../src/machines/log-shape";
import type { RaftEffect } from "../../src/machines/raft/vocabulary";
import type { OutgoingRaftMessage, RaftMessage } from "../../src/messages";
import {
  type Configuration,
  type DiskId,
  diskId,
  type EntryDraft,
  foundedBy,
  type HardState,
  type LogEntry,
  logIndex,
  nodeId,
  type SnapshotInfo,
  term,
} from "../../src/types";

/** Index and term of an entry, as in "the entry at 4, of term 2". */
export type At = readonly [index: number, term: number];

/** Units: bytes. What every entry of a test weighs. */
export const ENTRY_BYTES = 10;
const RECORD = new Uint8Array(ENTRY_BYTES);

export const diskOf = (id: number): DiskId => diskId(`disk-${id}`);

/** Voters 1…`count`, each bound to its disk unless told otherwise. */
export const votersUpTo = (count: number, isBound: (id: number) => boolean = () => true) =>
  foundedBy(
    Array.from({ length: count }, (_, at) => ({
      id: nodeId(at + 1),
      peerAddress: `node-${at + 1}:9080`,
      diskId: isBound(at + 1) ? diskOf(at + 1) : null,
    })),
  );

export const hardState = (currentTerm: number, votedFor: number | null = null): HardState => ({
  term: term(currentTerm),
  votedFor: votedFor === null ? null : nodeId(votedFor),
});

/** The log whose entries have these terms, from index 1 on. */
export const logOf = (...terms: readonly number[]): LogShape =>
  terms.reduce(
    (log, of) => appendRun(log, { term: term(of), byteLengths: [ENTRY_BYTES] }),
    emptyLogShape,
  );

export const logOfEntries = (entries: readonly LogEntry[]): LogShape =>
  entries.reduce(
    (log, { term: of, record }) => appendRun(log, { term: of, byteLengths: [record.length] }),
    emptyLogShape,
  );

export const entryAt = ([index, of]: At, configuration: Configuration | null = null): LogEntry => ({
  index: logIndex(index),
  term: term(of),
  kind: configuration === null ? "command" : "configuration",
  timeMs: 0,
  configuration,
  record: RECORD,
});

/** Entries with these terms, from `firstIndex` on. */
export const entriesFrom = (firstIndex: number, ...terms: readonly number[]): LogEntry[] =>
  terms.map((of, offset) => entryAt([firstIndex + offset, of]));

interface Candidacy {
  /** By which the candidate knows the voter; none unless told otherwise. */
  readonly voterDisk?: DiskId | null;
}
export const preVote = (of: number, last: At, { voterDisk = null }: Candidacy = {}) =>
  ({
    type: "PreVote",
    term: term(of),
    lastLogIndex: logIndex(last[0]),
    lastLogTerm: term(last[1]),
    voterDisk,
  }) as const;
export const preVoteReply = (of: number, granted: boolean): RaftMessage => ({
  type: "PreVoteReply",
  term: term(of),
  granted,
});
export const requestVote = (
  of: number,
  last: At,
  { transfer = false, voterDisk = null }: Candidacy & { readonly transfer?: boolean } = {},
) =>
  ({
    type: "RequestVote",
    term: term(of),
    lastLogIndex: logIndex(last[0]),
    lastLogTerm: term(last[1]),
    voterDisk,
    transfer,
  }) as const;
export const requestVoteReply = (of: number, granted: boolean): RaftMessage => ({
  type: "RequestVoteReply",
  term: term(of),
  granted,
});
export const timeoutNow = (of: number): RaftMessage => ({ type: "TimeoutNow", term: term(of) });

interface AppendEntriesFacts {
  readonly term: number;
  readonly prev: At;
  readonly commit?: number;
  readonly round?: number;
}
const appendEntriesHeader = ({ term: of, prev, commit = 0, round = 0 }: AppendEntriesFacts) => ({
  type: "AppendEntries" as const,
  term: term(of),
  prevLogIndex: logIndex(prev[0]),
  prevLogTerm: term(prev[1]),
  leaderCommit: logIndex(commit),
  round,
});
export const appendEntries = (
  facts: AppendEntriesFacts & { readonly entries?: readonly LogEntry[] },
): RaftMessage => ({
  ...appendEntriesHeader(facts),
  entries: facts.entries ?? [],
  confirmedAgeMs: null,
});
/** As a leader asks for it: the host fills in the entries of `range`. */
export const appendEntriesRange = (
  facts: AppendEntriesFacts & { readonly range?: readonly [first: number, last: number] },
): OutgoingRaftMessage => ({
  ...appendEntriesHeader(facts),
  range: facts.range
    ? { firstIndex: logIndex(facts.range[0]), lastIndex: logIndex(facts.range[1]) }
    : null,
});

export const accepted = (facts: {
  readonly term: number;
  readonly match: number;
  readonly round?: number;
  readonly counts?: boolean;
}): Extract<RaftMessage, { type: "AppendEntriesReply" }> => ({
  type: "AppendEntriesReply",
  term: term(facts.term),
  round: facts.round ?? 0,
  accepted: true,
  matchIndex: logIndex(facts.match),
  counts: facts.counts ?? true,
});
export const rejected = (facts: {
  readonly term: number;
  readonly prev: number;
  /** The conflicting entry's term and the first index of that term. */
  readonly conflict: readonly [index: number, term: number | null];
  readonly round?: number;
}): Extract<RaftMessage, { type: "AppendEntriesReply" }> => ({
  type: "AppendEntriesReply",
  term: term(facts.term),
  round: facts.round ?? 0,
  accepted: false,
  prevLogIndex: logIndex(facts.prev),
  conflictTerm: facts.conflict[1] === null ? null : term(facts.conflict[1]),
  conflictIndex: logIndex(facts.conflict[0]),
});

/** The snapshot that stands for everything up to this entry; 100 bytes unless told otherwise. */
export const snapshotAt = (
  [lastIndex, of]: At,
  { byteLength = 100, checksum = 7 } = {},
): SnapshotInfo => ({ lastIndex: logIndex(lastIndex), lastTerm: term(of), byteLength, checksum });

interface ChunkFacts {
  readonly term: number;
  readonly snapshot: SnapshotInfo;
  readonly offset: number;
  readonly round?: number;
}
const chunkHeader = ({ term: of, snapshot, offset, round = 0 }: ChunkFacts) => ({
  type: "InstallSnapshot" as const,
  term: term(of),
  round,
  snapshot,
  offset,
});
export const installSnapshot = (facts: ChunkFacts & { readonly size: number }): RaftMessage => ({
  ...chunkHeader(facts),
  bytes: new Uint8Array(facts.size).fill(1),
});
/** As a leader asks for it: the host fills in the bytes. */
export const installSnapshotRange = (
  facts: ChunkFacts & { readonly size: number },
): OutgoingRaftMessage => ({ ...chunkHeader(facts), byteLength: facts.size });
export const chunkReply = (facts: {
  readonly term: number;
  readonly snapshot: SnapshotInfo;
  readonly received: number;
  readonly round?: number;
}): RaftMessage => ({
  type: "InstallSnapshotReply",
  term: term(facts.term),
  round: facts.round ?? 0,
  snapshot: facts.snapshot,
  receivedBytes: facts.received,
});

export const receivesChunk = (
  snapshot: SnapshotInfo,
  offset: number,
  size: number,
): RaftEffect => ({
  type: "receiveChunk",
  snapshot,
  offset,
  bytes: new Uint8Array(size).fill(1),
});
export const abandons = (snapshot: SnapshotInfo): RaftEffect => ({
  type: "abandonSnapshot",
  snapshot,
});
export const installs = (snapshot: SnapshotInfo, replacesLog: boolean): RaftEffect => ({
  type: "installSnapshot",
  snapshot,
  replacesLog,
});
export const cuts = (baseIndex: number): RaftEffect => ({
  type: "cutLog",
  baseIndex: logIndex(baseIndex),
});

export const persists = (currentTerm: number, votedFor: number | null = null): RaftEffect => ({
  type: "persistHardState",
  hardState: hardState(currentTerm, votedFor),
});
/** A candidate's message names the disk by which it knows the voter: that of `diskOf`. */
export const sends = (to: number, message: OutgoingRaftMessage | RaftMessage): RaftEffect => ({
  type: "send",
  to: nodeId(to),
  message: (message.type === "PreVote" || message.type === "RequestVote"
    ? { ...message, voterDisk: diskOf(to) }
    : message) as OutgoingRaftMessage,
});
export const appends = (entries: readonly LogEntry[], generation = 0): RaftEffect => ({
  type: "appendEntries",
  entries,
  generation,
});
export const appendsDrafts = (
  [firstIndex, of]: At,
  drafts: readonly EntryDraft[],
  generation = 0,
): RaftEffect => ({
  type: "appendDrafts",
  term: term(of),
  firstIndex: logIndex(firstIndex),
  drafts,
  generation,
});
export const applies = (commitIndex: number): RaftEffect => ({
  type: "applyCommitted",
  commitIndex: logIndex(commitIndex),
});
export const clearsForgotten: RaftEffect = { type: "clearForgotten" };
export const takesOffice = ([firstIndex, of]: At): RaftEffect => ({
  type: "takeOffice",
  term: term(of),
  firstIndex: logIndex(firstIndex),
});
export const leavesOffice: RaftEffect = { type: "leaveOffice" };
export const opensRound = (round: number): RaftEffect => ({ type: "openRound", round });
export const confirmsRound = (round: number): RaftEffect => ({ type: "confirmRound", round });
export const confirmsRead = (read: number, readIndex: number): RaftEffect => ({
  type: "confirmRead",
  read,
  readIndex: logIndex(readIndex),
});
export const declinesRead = (read: number): RaftEffect => ({ type: "declineRead", read });
export const declinesProposals = (commands: readonly Uint8Array[]): RaftEffect => ({
  type: "declineProposals",
  commands,
});

export const noop: EntryDraft = { kind: "noop" };
export const command = (text: string): Uint8Array => new TextEncoder().encode(text);
export const commandDraft = (text: string): EntryDraft => ({
  kind: "command",
  command: command(text),
});
