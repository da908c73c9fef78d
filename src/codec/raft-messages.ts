/** Raft messages ⇄ fields. The kinds are numbers that are never given to another message. */
import type {
  AppendEntries,
  AppendEntriesReply,
  InstallSnapshot,
  InstallSnapshotReply,
  PreVote,
  RaftMessage,
  RequestVote,
} from "../messages";
import { type DiskId, diskId, indexPlus, logIndex, type SnapshotInfo, term } from "../types";
import { decodeEntries, joinRecords } from "./entries";
import type { Field, FieldReader } from "./fields";

export const raftKinds: Readonly<Record<RaftMessage["type"], number>> = {
  PreVote: 1,
  PreVoteReply: 2,
  RequestVote: 3,
  RequestVoteReply: 4,
  AppendEntries: 5,
  AppendEntriesReply: 6,
  TimeoutNow: 7,
  InstallSnapshot: 8,
  InstallSnapshotReply: 9,
};

/** The fields of `message` behind its kind. */
export function raftFields(message: RaftMessage): readonly Field[] {
  switch (message.type) {
    case "PreVote":
      return candidacyFields(message);
    case "RequestVote":
      return [...candidacyFields(message), message.transfer];
    case "PreVoteReply":
    case "RequestVoteReply":
      return [message.term, message.granted];
    case "AppendEntries":
      return [
        message.term,
        message.prevLogIndex,
        message.prevLogTerm,
        message.leaderCommit,
        message.round,
        // An age is a promise of "at most": round it up.
        message.confirmedAgeMs === null ? null : Math.ceil(message.confirmedAgeMs),
        joinRecords(message.entries),
      ];
    case "AppendEntriesReply":
      return message.accepted
        ? [message.term, message.round, true, message.matchIndex, message.counts]
        : [
            message.term,
            message.round,
            false,
            message.prevLogIndex,
            message.conflictTerm,
            message.conflictIndex,
          ];
    case "TimeoutNow":
      return [message.term];
    case "InstallSnapshot":
      return [
        message.term,
        message.round,
        ...snapshotFields(message.snapshot),
        message.offset,
        message.bytes,
      ];
    case "InstallSnapshotReply":
      return [
        message.term,
        message.round,
        ...snapshotFields(message.snapshot),
        message.receivedBytes,
      ];
  }
}

const candidacyFields = (message: PreVote | RequestVote): readonly Field[] => [
  message.term,
  message.lastLogIndex,
  message.lastLogTerm,
  message.voterDisk,
];

const snapshotFields = ({ lastIndex, lastTerm, byteLength, checksum }: SnapshotInfo) => [
  lastIndex,
  lastTerm,
  byteLength,
  checksum,
];

/** Reads the fields behind `kind`, or null where no Raft message has that kind. */
export function readRaftMessage(kind: number, fields: FieldReader): RaftMessage | null {
  const reads = readers[kind];
  return reads === undefined ? null : reads(fields);
}

const readTerm = (fields: FieldReader, name = "term") => term(fields.count(name));
const readIndex = (fields: FieldReader, name: string) => logIndex(fields.count(name));

/** Longest id of a disk. Units: UTF-16 units. */
const DISK_ID_MAX = 512;

function readDisk(fields: FieldReader): DiskId | null {
  const disk = fields.textOrNull("voter's disk", DISK_ID_MAX);
  return disk === null ? null : diskId(disk);
}

/** What `candidacyFields` wrote. */
const readCandidacy = (fields: FieldReader) => ({
  term: readTerm(fields),
  lastLogIndex: readIndex(fields, "last log index"),
  lastLogTerm: readTerm(fields, "last log term"),
  voterDisk: readDisk(fields),
});

const readers: Readonly<Record<number, (fields: FieldReader) => RaftMessage>> = {
  [raftKinds.PreVote]: (fields) => ({ type: "PreVote", ...readCandidacy(fields) }),
  [raftKinds.PreVoteReply]: (fields) => ({
    type: "PreVoteReply",
    term: readTerm(fields),
    granted: fields.flag("granted"),
  }),
  [raftKinds.RequestVote]: (fields) => ({
    type: "RequestVote",
    ...readCandidacy(fields),
    transfer: fields.flag("transfer"),
  }),
  [raftKinds.RequestVoteReply]: (fields) => ({
    type: "RequestVoteReply",
    term: readTerm(fields),
    granted: fields.flag("granted"),
  }),
  [raftKinds.AppendEntries]: readAppendEntries,
  [raftKinds.AppendEntriesReply]: readAppendEntriesReply,
  [raftKinds.TimeoutNow]: (fields) => ({ type: "TimeoutNow", term: readTerm(fields) }),
  [raftKinds.InstallSnapshot]: readInstallSnapshot,
  [raftKinds.InstallSnapshotReply]: readInstallSnapshotReply,
};

function readAppendEntries(fields: FieldReader): AppendEntries {
  const header = {
    type: "AppendEntries" as const,
    term: readTerm(fields),
    prevLogIndex: readIndex(fields, "previous log index"),
    prevLogTerm: readTerm(fields, "previous log term"),
    leaderCommit: readIndex(fields, "leader commit"),
    round: fields.count("round"),
    confirmedAgeMs: fields.countOrNull("confirmed age"),
  };
  // Entries are kept: in a copy of their own, or they would keep the chunk that they came in.
  const entries = decodeEntries(new Uint8Array(fields.bytes("entries")));
  // The entries are a run; it follows `prevLogIndex`, or the consistency check (§5.3) is void.
  const first = entries[0]?.index ?? indexPlus(header.prevLogIndex, 1);
  if (first !== header.prevLogIndex + 1) fields.fail(`entry ${first} behind a gap`);
  return { ...header, entries };
}

function readAppendEntriesReply(fields: FieldReader): AppendEntriesReply {
  const header = {
    type: "AppendEntriesReply" as const,
    term: readTerm(fields),
    round: fields.count("round"),
  };
  if (fields.flag("accepted")) {
    const matchIndex = readIndex(fields, "match index");
    return { ...header, accepted: true, matchIndex, counts: fields.flag("counts") };
  }
  const prevLogIndex = readIndex(fields, "previous log index");
  const conflictTerm = fields.countOrNull("conflict term");
  return {
    ...header,
    accepted: false,
    prevLogIndex,
    conflictTerm: conflictTerm === null ? null : term(conflictTerm),
    conflictIndex: readIndex(fields, "conflict index"),
  };
}

/** A chunk has bytes, and lies within the snapshot it is of. */
function readInstallSnapshot(fields: FieldReader): InstallSnapshot {
  const message = {
    type: "InstallSnapshot" as const,
    term: readTerm(fields),
    round: fields.count("round"),
    snapshot: readSnapshot(fields),
    offset: fields.count("offset"),
    bytes: fields.bytes("chunk"),
  };
  const { bytes, offset, snapshot } = message;
  if (bytes.length === 0) fields.fail("the chunk is empty");
  if (offset + bytes.length > snapshot.byteLength) fields.fail("the chunk leaves its snapshot");
  return message;
}

function readInstallSnapshotReply(fields: FieldReader): InstallSnapshotReply {
  const message = {
    type: "InstallSnapshotReply" as const,
    term: readTerm(fields),
    round: fields.count("round"),
    snapshot: readSnapshot(fields),
    receivedBytes: fields.count("received bytes"),
  };
  const { receivedBytes, snapshot } = message;
  if (receivedBytes > snapshot.byteLength) fields.fail("more was received than there is");
  return message;
}

const readSnapshot = (fields: FieldReader): SnapshotInfo => ({
  lastIndex: logIndex(fields.positive("last included index")),
  lastTerm: readTerm(fields, "last included term"),
  byteLength: fields.positive("snapshot length"),
  checksum: fields.count("snapshot checksum"),
});
