/**
 * Log entries to and from their one encoding: the same bytes on disk and on the wire.
 *
 * The payload is a plain msgpack array, readable by any decoder:
 * `[version, index, term, kind, timeMs, body]`, where `body` is the opaque command, the
 * configuration as arrays, or nil. Numbers have fixed widths, so the first five elements stand at
 * fixed places and are written and checked without a general encoder (0.3 µs instead of 0.8 µs).
 */
import { Packr } from "msgpackr";
import type {
  Configuration,
  DiskId,
  EntryDraft,
  EntryKind,
  Learner,
  LogEntry,
  LogIndex,
  Member,
  NodeId,
  RemovedMember,
  Term,
} from "../types";
import { diskId, logIndex, nodeId, term } from "../types";
import { MalformedError } from "./malformed";
import { RECORD_HEADER_BYTES, RecordReader, sealRecord } from "./record";

const ENTRY_VERSION = 1;
const kinds: readonly EntryKind[] = ["noop", "configuration", "command"];
const NO_BYTES = new Uint8Array(0);

/** msgpack's own marks. Source: https://github.com/msgpack/msgpack/blob/master/spec.md */
const ARRAY_OF_6 = 0x96;
const FLOAT_64 = 0xcb;
const BIN_32 = 0xc6;
const NIL = 0xc0;

/** Places within a record, in bytes from its start. */
const AT = {
  array: RECORD_HEADER_BYTES,
  version: RECORD_HEADER_BYTES + 1,
  index: RECORD_HEADER_BYTES + 2,
  term: RECORD_HEADER_BYTES + 11,
  kind: RECORD_HEADER_BYTES + 20,
  timeMs: RECORD_HEADER_BYTES + 21,
  body: RECORD_HEADER_BYTES + 30,
  command: RECORD_HEADER_BYTES + 35,
} as const;

/** How much longer a command's record is than the command. Units: bytes. */
export const COMMAND_OVERHEAD_BYTES = AT.command;

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Where and when a draft enters the log. */
export interface EntryPlace {
  readonly index: LogIndex;
  readonly term: Term;
  readonly timeMs: number;
}

/** Gives a draft its place in the log and its bytes. The command is copied. */
export function encodeEntry(draft: EntryDraft, place: EntryPlace): LogEntry {
  const { index, term, timeMs } = place;
  const kind = draft.kind;
  if (kind === "command") {
    const record = new Uint8Array(AT.command + draft.command.length);
    const view = writePlace(record, kind, place);
    view.setUint8(AT.body, BIN_32);
    view.setUint32(AT.body + 1, draft.command.length);
    record.set(draft.command, AT.command);
    sealRecord(record);
    const command = record.subarray(AT.command);
    return { index, term, kind, timeMs, command, configuration: null, record };
  }
  const configuration = kind === "configuration" ? draft.configuration : null;
  const body = configuration ? packr.pack(configurationToWire(configuration)) : [NIL];
  const record = new Uint8Array(AT.body + body.length);
  writePlace(record, kind, place);
  record.set(body, AT.body);
  sealRecord(record);
  return { index, term, kind, timeMs, command: NO_BYTES, configuration, record };
}

function writePlace(record: Uint8Array, kind: EntryKind, place: EntryPlace): DataView {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  view.setUint8(AT.array, ARRAY_OF_6);
  view.setUint8(AT.version, ENTRY_VERSION);
  view.setUint8(AT.index, FLOAT_64);
  view.setFloat64(AT.index + 1, place.index);
  view.setUint8(AT.term, FLOAT_64);
  view.setFloat64(AT.term + 1, place.term);
  view.setUint8(AT.kind, kinds.indexOf(kind));
  view.setUint8(AT.timeMs, FLOAT_64);
  view.setFloat64(AT.timeMs + 1, place.timeMs);
  return view;
}

/**
 * Reads the records that fill `bytes`, with consecutive indexes. Nothing is copied: the entries
 * share `bytes`. Errors: `MalformedError`.
 */
export function decodeEntries(bytes: Uint8Array): LogEntry[] {
  // Heartbeats carry none, and are most of what is read.
  if (bytes.length === 0) return [];
  const reader = new RecordReader(bytes);
  const entries: LogEntry[] = [];
  for (let offset = 0; offset < bytes.length; offset = reader.end(offset)) {
    const check = reader.check(offset);
    if (check !== "intact") throw malformed(`a record is ${check} at ${offset}`);
    const entry = decodeEntryAt(reader, offset);
    const previous = entries.at(-1);
    if (previous && entry.index !== previous.index + 1) {
      throw malformed(`entry ${entry.index} follows entry ${previous.index}`);
    }
    entries.push(entry);
  }
  return entries;
}

/** Reads one whole record. Errors: `MalformedError`. */
export function decodeEntry(record: Uint8Array): LogEntry {
  const entry = decodeEntries(record)[0];
  if (!entry || entry.record.length !== record.length) {
    throw malformed("expected exactly one record");
  }
  return entry;
}

/** Reads the record at `offset`, known to be intact. Errors: `MalformedError`. */
export function decodeEntryAt(reader: RecordReader, offset: number): LogEntry {
  const { bytes, view } = reader;
  const end = reader.end(offset);
  demand(end > offset + AT.body, "too short for an entry");
  demand(view.getUint8(offset + AT.array) === ARRAY_OF_6, "no array of six elements");
  const version = view.getUint8(offset + AT.version);
  demand(version === ENTRY_VERSION, `entry version ${version} is not known here`);
  const index = readNumber(view, offset + AT.index);
  demand(Number.isSafeInteger(index) && index >= 1, "the index is no positive integer");
  const entryTerm = readNumber(view, offset + AT.term);
  demand(Number.isSafeInteger(entryTerm) && entryTerm >= 0, "the term is no natural number");
  const timeMs = readNumber(view, offset + AT.timeMs);
  demand(Number.isFinite(timeMs), "the time is no number");
  const kind = kinds[view.getUint8(offset + AT.kind)];
  demand(kind !== undefined, "unknown kind of entry");
  const body = offset + AT.body;
  return {
    index: logIndex(index),
    term: term(entryTerm),
    kind,
    timeMs,
    command: kind === "command" ? readCommand(reader, body, end) : NO_BYTES,
    configuration: kind === "configuration" ? readConfiguration(bytes.subarray(body, end)) : null,
    record: bytes.subarray(offset, end),
  };
}

function readNumber(view: DataView, at: number): number {
  demand(view.getUint8(at) === FLOAT_64, "a number is missing");
  return view.getFloat64(at + 1);
}

function readCommand(reader: RecordReader, body: number, end: number): Uint8Array {
  const command = body + (AT.command - AT.body);
  demand(command <= end && reader.view.getUint8(body) === BIN_32, "the command is missing");
  demand(command + reader.view.getUint32(body + 1) === end, "the command does not fill its record");
  return reader.bytes.subarray(command, end);
}

/**
 * Voters `[id, peerAddress, diskId | nil]`, learners with `stays` behind, removed `[id, diskId |
 * nil]`: three arrays inside one that can grow. The first version had voters alone.
 */
function configurationToWire({ learners, removed, voters }: Configuration): unknown {
  return [
    voters.map(memberToWire),
    learners.map((learner) => [...memberToWire(learner), learner.stays]),
    removed.map(({ diskId, id }) => [id, diskId]),
  ];
}

const memberToWire = ({ diskId, id, peerAddress }: Member) => [id, peerAddress, diskId] as const;

function readConfiguration(body: Uint8Array): Configuration {
  let wire: unknown;
  try {
    wire = packr.unpack(body);
  } catch (error) {
    throw malformed(`the configuration is not msgpack: ${error}`);
  }
  demand(Array.isArray(wire), "the configuration is no array");
  const [voters, learners = [], removed = []]: unknown[] = wire;
  demand(Array.isArray(voters), "the voters are no array");
  demand(Array.isArray(learners), "the learners are no array");
  demand(Array.isArray(removed), "the removed are no array");
  const configuration = {
    voters: voters.map(readMember),
    learners: learners.map(readLearner),
    removed: removed.map(readRemoved),
  };
  const ids = Object.values(configuration).flatMap((list) => list.map(({ id }) => id));
  demand(new Set(ids).size === ids.length, "a member is named twice");
  return configuration;
}

function readLearner(wire: unknown): Learner {
  const member = readMember(wire);
  const stays: unknown = Array.isArray(wire) ? wire[3] : null;
  demand(typeof stays === "boolean", "a learner does not say whether it stays one");
  return { ...member, stays };
}

function readRemoved(wire: unknown): RemovedMember {
  demand(Array.isArray(wire), "a removed member is no array");
  const [id, disk]: unknown[] = wire;
  return { id: readId(id), diskId: readDisk(disk) };
}

function readMember(wire: unknown): Member {
  demand(Array.isArray(wire), "a member is no array");
  const [id, peerAddress, disk]: unknown[] = wire;
  demand(typeof peerAddress === "string", "a member has no address");
  return { id: readId(id), peerAddress, diskId: readDisk(disk) };
}

function readId(wire: unknown): NodeId {
  demand(typeof wire === "number" && Number.isSafeInteger(wire) && wire >= 1, "a member has no id");
  return nodeId(wire);
}

function readDisk(wire: unknown): DiskId | null {
  demand(wire === null || typeof wire === "string", "a member's disk id is no text");
  return wire === null ? null : diskId(wire);
}

function malformed(detail: string): MalformedError {
  return new MalformedError("log entry", detail);
}

function demand(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw malformed(otherwise);
}
