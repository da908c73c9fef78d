/**
 * A snapshot's file, the same on disk, on the wire and as a backup:
 *
 *     preamble                                            magic and version
 *     record: HEAD     · msgpack fields                   what it is a snapshot of
 *     record: ITEMS    · u32 length · compressed items    in key order; as many as it takes
 *     record: ANSWERS  · u32 length · compressed answers  from the oldest; as many as it takes
 *     record: END      · u32 records before it · u32 CRC-32 of all bytes before it
 *
 * Each record carries its own checksum (see `codec/record.ts`). `length` is that of the block
 * before it was compressed. The last record tells a whole file from one that was cut, and its
 * checksum over all the others stands for the file: it can be read from the end at once.
 */
import { type FieldReader, packFields, unpackFields } from "../codec/fields";
import { MalformedError } from "../codec/malformed";
import {
  RECORD_HEADER_BYTES,
  RECORD_PAYLOAD_BYTES_MAX,
  RecordReader,
  sealRecord,
} from "../codec/record";
import type { DiskId, Learner, Member, RemovedMember } from "../types";
import { clusterId, diskId, logIndex, nodeId, revision, term } from "../types";
import type { SnapshotHead } from "./ports";
import { compress, decompress } from "./zstd";

export const SNAPSHOT_FORMAT = { magic: "BALSASNP", version: 1 } as const;

/** What a record holds: the first byte of its payload. The order is that of the file. */
export const HEAD = 1;
export const ITEMS = 2;
export const ANSWERS = 3;
export const END = 4;

/** Behind the kind of a block: the length of what was compressed. Units: bytes. */
const BLOCK_HEADER_BYTES = 5;
/** No block holds more, however little it was compressed to. Units: bytes. */
export const BLOCK_BYTES_MAX = RECORD_PAYLOAD_BYTES_MAX - 64 * 1024;
/** The whole last record. Units: bytes. */
export const END_BYTES = RECORD_HEADER_BYTES + 9;
/** Longest id, address or hash. Units: UTF-16 units. */
const TEXT_MAX = 512;

/** What the last record says: number and checksum of all that stands before it. */
export interface LastRecord {
  readonly records: number;
  readonly checksum: number;
}

export function encodeHead(head: SnapshotHead): Uint8Array {
  const { index, configuration } = head.configuration;
  const { learners, removed, voters } = configuration;
  const fields = packFields([
    head.clusterId,
    head.lastIndex,
    head.lastTerm,
    encodeTime(head.timeMs),
    head.revision,
    head.keyCount,
    head.answerCount,
    head.stateHash,
    index,
    voters.length,
    ...voters.flatMap(memberFields),
    learners.length,
    ...learners.flatMap((learner) => [...memberFields(learner), learner.stays]),
    removed.length,
    ...removed.flatMap(({ diskId, id }) => [id, diskId]),
  ]);
  return encodeRecord(HEAD, fields);
}

const memberFields = ({ diskId, id, peerAddress }: Member) => [id, peerAddress, diskId] as const;

/** Errors: `MalformedError`. */
export function decodeHead(payload: Uint8Array): SnapshotHead {
  const fields = unpackFields(payload.subarray(1), "snapshot");
  const head = {
    clusterId: clusterId(fields.text("cluster id", TEXT_MAX)),
    lastIndex: logIndex(fields.count("last index")),
    lastTerm: term(fields.count("last term")),
    timeMs: decodeTime(fields.bytes("time")),
    revision: revision(fields.count("revision")),
    keyCount: fields.count("keys"),
    answerCount: fields.count("answers"),
    stateHash: fields.text("state hash", TEXT_MAX),
  };
  const index = logIndex(fields.count("configuration index"));
  const configuration = {
    voters: readList(fields, "voters", readMember),
    // The first files of this version had voters alone.
    learners: fields.hasMore ? readList(fields, "learners", readLearner) : [],
    removed: fields.hasMore ? readList(fields, "removed", readRemoved) : [],
  };
  fields.end();
  return { ...head, configuration: { index, configuration } };
}

/** Its length, then one item after the other. A length that lies ends where the fields do. */
function readList<T>(fields: FieldReader, name: string, read: (fields: FieldReader) => T): T[] {
  const items: T[] = [];
  for (let left = fields.count(name); left > 0; left--) items.push(read(fields));
  return items;
}

const readMember = (fields: FieldReader): Member => ({
  id: nodeId(fields.positive("member")),
  peerAddress: fields.text("address", TEXT_MAX),
  diskId: readDisk(fields),
});

const readLearner = (fields: FieldReader): Learner => ({
  ...readMember(fields),
  stays: fields.flag("stays"),
});

const readRemoved = (fields: FieldReader): RemovedMember => ({
  id: nodeId(fields.positive("member")),
  diskId: readDisk(fields),
});

function readDisk(fields: FieldReader): DiskId | null {
  const disk = fields.textOrNull("disk id", TEXT_MAX);
  return disk === null ? null : diskId(disk);
}

export function encodeBlock(kind: number, block: Uint8Array): Uint8Array {
  const packed = compress(block);
  const body = new Uint8Array(BLOCK_HEADER_BYTES - 1 + packed.length);
  new DataView(body.buffer).setUint32(0, block.length);
  body.set(packed, BLOCK_HEADER_BYTES - 1);
  return encodeRecord(kind, body);
}

/** What was compressed. Errors: `MalformedError`. */
export function decodeBlock(payload: Uint8Array): Uint8Array {
  if (payload.length < BLOCK_HEADER_BYTES) throw malformed("a block is too short");
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const length = view.getUint32(1);
  if (length > BLOCK_BYTES_MAX) throw malformed("a block is too long");
  const block = decompress(payload.subarray(BLOCK_HEADER_BYTES), length);
  if (block === null) throw malformed("a block cannot be decompressed");
  return block;
}

export function encodeEnd({ records, checksum }: LastRecord): Uint8Array {
  const body = new Uint8Array(8);
  const view = new DataView(body.buffer);
  view.setUint32(0, records);
  view.setUint32(4, checksum);
  return encodeRecord(END, body);
}

/** Errors: `MalformedError`. */
export function decodeEnd(payload: Uint8Array): LastRecord {
  if (payload.length !== END_BYTES - RECORD_HEADER_BYTES) {
    throw malformed("the last record has not its length");
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return { records: view.getUint32(1), checksum: view.getUint32(5) };
}

/** What the last bytes of a file say of the whole; null where no snapshot ends so. */
export function readEnd(tail: Uint8Array): LastRecord | null {
  const reader = new RecordReader(tail);
  if (tail.length !== END_BYTES || reader.check(0) !== "intact") return null;
  if (tail[RECORD_HEADER_BYTES] !== END) return null;
  return reader.end(0) === END_BYTES ? decodeEnd(tail.subarray(RECORD_HEADER_BYTES)) : null;
}

function encodeRecord(kind: number, body: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_BYTES + 1 + body.length);
  record[RECORD_HEADER_BYTES] = kind;
  record.set(body, RECORD_HEADER_BYTES + 1);
  sealRecord(record);
  return record;
}

/** A leader's clock may stand before the epoch or between two milliseconds. */
function encodeTime(timeMs: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, timeMs);
  return bytes;
}

function decodeTime(bytes: Uint8Array): number {
  if (bytes.length !== 8) throw malformed("the time has not its length");
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
}

const malformed = (detail: string): MalformedError => new MalformedError("snapshot", detail);
