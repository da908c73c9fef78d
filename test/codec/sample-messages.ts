import { Packr } from "msgpackr";
import { encodeEntry } from "../../src/codec/entries";
import type { AppendEntries, PeerAnswer, PeerMessage, RaftMessage } from "../../src/messages";
import { diskId, type LogEntry, logIndex, revision, term } from "../../src/types";

export const foreign = new Packr({ useRecords: false });
export const bytesOf = (...values: number[]) => new Uint8Array(values);

export function entries(first: number, count: number): readonly LogEntry[] {
  return Array.from({ length: count }, (_, i) =>
    encodeEntry(
      { kind: "command", command: new Uint8Array(256).fill(i) },
      { index: logIndex(first + i), term: term(3), timeMs: 1_700_000_000_000 + i },
    ),
  );
}

export const appendEntries = (carried: readonly LogEntry[]): AppendEntries => ({
  type: "AppendEntries",
  term: term(4),
  prevLogIndex: logIndex(10),
  prevLogTerm: term(3),
  leaderCommit: logIndex(9),
  round: 77,
  confirmedAgeMs: 12,
  entries: carried,
});

const raftMessages: readonly RaftMessage[] = [
  {
    type: "PreVote",
    term: term(2),
    lastLogIndex: logIndex(5),
    lastLogTerm: term(1),
    voterDisk: null,
  },
  { type: "PreVoteReply", term: term(2), granted: true },
  {
    type: "RequestVote",
    term: term(2 ** 53 - 1),
    lastLogIndex: logIndex(2 ** 40),
    lastLogTerm: term(2 ** 33),
    voterDisk: diskId("00ff".repeat(8)),
    transfer: true,
  },
  { type: "RequestVoteReply", term: term(0), granted: false },
  appendEntries([]),
  { ...appendEntries(entries(11, 3)), confirmedAgeMs: null },
  {
    type: "AppendEntriesReply",
    term: term(4),
    round: 77,
    accepted: true,
    matchIndex: logIndex(13),
    counts: false,
  },
  {
    type: "AppendEntriesReply",
    term: term(4),
    round: 77,
    accepted: false,
    prevLogIndex: logIndex(10),
    conflictTerm: null,
    conflictIndex: logIndex(1),
  },
  {
    type: "AppendEntriesReply",
    term: term(4),
    round: 0,
    accepted: false,
    prevLogIndex: logIndex(10),
    conflictTerm: term(2),
    conflictIndex: logIndex(7),
  },
  { type: "TimeoutNow", term: term(4) },
  {
    type: "InstallSnapshot",
    term: term(4),
    round: 77,
    snapshot: {
      lastIndex: logIndex(2 ** 40),
      lastTerm: term(3),
      byteLength: 2 ** 33,
      checksum: 2 ** 32 - 1,
    },
    offset: 2 ** 33 - 3,
    bytes: bytesOf(0, 128, 255),
  },
  {
    type: "InstallSnapshotReply",
    term: term(4),
    round: 77,
    snapshot: { lastIndex: logIndex(9), lastTerm: term(3), byteLength: 5, checksum: 0 },
    receivedBytes: 5,
  },
];

const decision = { revision: revision(6), term: term(3), index: logIndex(8) };
const answers: readonly PeerAnswer[] = [
  { type: "proposed", result: { kind: "set", ...decision } },
  { type: "proposed", result: { kind: "deleted", deleted: true, ...decision } },
  {
    type: "proposed",
    result: { kind: "preconditionFailed", modRevision: revision(0), ...decision },
  },
  { type: "proposed", result: { kind: "idempotencyMismatch", ...decision } },
  { type: "readIndex", index: logIndex(99) },
  {
    type: "report",
    report: {
      role: "Leader",
      term: term(4),
      commitIndex: logIndex(3),
      appliedIndex: logIndex(2),
      lastLogIndex: logIndex(5),
      snapshotIndex: null,
      installing: null,
    },
  },
  {
    type: "report",
    report: {
      role: "Follower",
      term: term(4),
      commitIndex: logIndex(3),
      appliedIndex: logIndex(2),
      lastLogIndex: logIndex(5),
      snapshotIndex: logIndex(1),
      installing: { snapshotIndex: logIndex(4), receivedBytes: 0, totalBytes: 2 ** 40 },
    },
  },
  { type: "failed", code: "no_leader", facts: { detail: "wait", outcome: null, retryable: true } },
  {
    type: "failed",
    code: "too_large",
    facts: {
      detail: "é 🌲",
      outcome: "not_applied",
      retryable: false,
      currentRevision: revision(0),
      limit: 1,
      actual: 2,
      allow: "GET",
      retryAfterSeconds: 3,
    },
  },
];

export const messages: readonly PeerMessage[] = [
  ...raftMessages.map((message, i) => ({
    kind: "raft" as const,
    hasRoom: i % 2 === 0,
    message,
  })),
  {
    kind: "request",
    id: 1,
    timeoutMs: 5_000,
    request: { type: "propose", command: bytesOf(1, 2, 3) },
  },
  { kind: "request", id: 2, timeoutMs: 1, request: { type: "readIndex" } },
  { kind: "request", id: 3, timeoutMs: 1, request: { type: "report" } },
  ...answers.map((answer, id) => ({ kind: "answer" as const, id, answer })),
];

/** Buffers and byte arrays with the same bytes are the same to us, not to `toEqual`. */
export const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, field) => {
      if (field instanceof Uint8Array) return { hex: Buffer.from(field).toString("hex") };
      // Bun and Node call `toJSON` of a Buffer before the replacer sees it.
      return field?.type === "Buffer" ? { hex: Buffer.from(field.data).toString("hex") } : field;
    }),
  );
