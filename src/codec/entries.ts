/**
 * Log entries to and from their one encoding: the same bytes on disk and on the wire.
 *
 * The payload is a plain msgpack array, readable by any decoder:
 * `[version, index, term, kind, timeMs, body]`, where `body` is the opaque command, the
 * configuration as arrays, or nil. Numbers have fixed widths, so the first five elements stand at
 * fixed places and are written and checked without a general encoder (0.3 µs instead of 0.8 µs).
 *
 * Entries that came to be together lie side by side in one array of bytes, each record a view of
 * it: so they go to disk and to the peers with one copy, and are let go together.
 */
import { assert } from "../assert";
import type { Command, EntryDraft, EntryKind, LogEntry, LogIndex, Term } from "../types";
import { indexPlus, logIndex, term } from "../types";
import { type CommandInPlace, decodeCommand, decodeCommandInPlace } from "./commands";
import { decodeConfiguration, encodeConfiguration } from "./configurations";
import { MalformedError } from "./malformed";
import { RECORD_HEADER_BYTES, RecordReader, sealRecordIn } from "./record";

const ENTRY_VERSION = 1;
const NO_BYTES = new Uint8Array(0);
const kinds: readonly EntryKind[] = ["noop", "configuration", "command"];

/** msgpack's own marks. Source: https://github.com/msgpack/msgpack/blob/master/spec.md */
const ARRAY_OF_6 = 0x96;
const FLOAT_64 = 0xcb;
const BIN_32 = 0xc6;
const NIL_BODY = Uint8Array.of(0xc0);

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

/** Where and when a draft enters the log. */
export interface EntryPlace {
  readonly index: LogIndex;
  readonly term: Term;
  readonly timeMs: number;
}

/** Gives a draft its place in the log and its bytes. */
export function encodeEntry(draft: EntryDraft, place: EntryPlace): LogEntry {
  const [entry] = encodeEntries([draft], place);
  assert(entry !== undefined, "a draft makes an entry");
  return entry;
}

/** Gives drafts consecutive places in the log, from `first` on, and their bytes. */
export function encodeEntries(drafts: readonly EntryDraft[], first: EntryPlace): LogEntry[] {
  const { term, timeMs } = first;
  const bodies = drafts.map(bodyOf);
  const bytes = new Uint8Array(
    bodies.reduce((length, body, at) => length + bodyPlace(drafts[at]?.kind) + body.length, 0),
  );
  const view = new DataView(bytes.buffer);
  let start = 0;
  return drafts.map((draft, at) => {
    const index = indexPlus(first.index, at);
    const body = bodies[at] ?? NIL_BODY;
    const { kind } = draft;
    const bodyStart = start + bodyPlace(kind);
    const end = bodyStart + body.length;
    writePlace(view, start, { index, term, timeMs, kind });
    if (kind === "command") writeBytesHead(view, start + AT.body, body.length);
    bytes.set(body, bodyStart);
    sealRecordIn(bytes, view, { start, end });
    const record = bytes.subarray(start, end);
    start = end;
    const configuration = kind === "configuration" ? draft.configuration : null;
    return { index, term, kind, timeMs, configuration, record };
  });
}

const bodyPlace = (kind: EntryKind | undefined): number =>
  kind === "command" ? AT.command : AT.body;

/** A command without its head. */
function bodyOf(draft: EntryDraft): Uint8Array {
  switch (draft.kind) {
    case "noop":
      return NIL_BODY;
    case "configuration":
      return encodeConfiguration(draft.configuration);
    case "command":
      return draft.command;
  }
}

function writePlace(
  view: DataView,
  start: number,
  { index, term, timeMs, kind }: EntryPlace & { readonly kind: EntryKind },
): void {
  view.setUint8(start + AT.array, ARRAY_OF_6);
  view.setUint8(start + AT.version, ENTRY_VERSION);
  view.setUint8(start + AT.index, FLOAT_64);
  view.setFloat64(start + AT.index + 1, index);
  view.setUint8(start + AT.term, FLOAT_64);
  view.setFloat64(start + AT.term + 1, term);
  view.setUint8(start + AT.kind, kinds.indexOf(kind));
  view.setUint8(start + AT.timeMs, FLOAT_64);
  view.setFloat64(start + AT.timeMs + 1, timeMs);
}

function writeBytesHead(view: DataView, at: number, length: number): void {
  view.setUint8(at, BIN_32);
  view.setUint32(at + 1, length);
}

/** The command of an entry of that kind. Errors: `MalformedError`. */
export const decodeCommandIn = ({ record }: LogEntry): Command =>
  decodeCommand(record, COMMAND_OVERHEAD_BYTES);

/** The same, its value left in the record. Errors: `MalformedError`. */
export const openCommandIn = ({ record }: LogEntry): CommandInPlace =>
  decodeCommandInPlace(record, COMMAND_OVERHEAD_BYTES);

/** The records of a run of entries, side by side: a view where they lie so, else a copy. */
export function joinRecords(entries: readonly LogEntry[]): Uint8Array {
  const [first] = entries;
  if (first === undefined) return NO_BYTES;
  const { buffer, byteOffset } = first.record;
  let end = byteOffset;
  let isRun = true;
  for (const { record } of entries) {
    isRun &&= record.buffer === buffer && record.byteOffset === end;
    end += record.length;
  }
  if (isRun) return new Uint8Array(buffer, byteOffset, end - byteOffset);
  const joined = new Uint8Array(end - byteOffset);
  let at = 0;
  for (const { record } of entries) {
    joined.set(record, at);
    at += record.length;
  }
  return joined;
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
  // Not by `demand`: to word what nearly never happens would cost every entry a text.
  if (version !== ENTRY_VERSION) throw malformed(`entry version ${version} is not known here`);
  const index = readNumber(view, offset + AT.index);
  demand(Number.isSafeInteger(index) && index >= 1, "the index is no positive integer");
  const entryTerm = readNumber(view, offset + AT.term);
  demand(Number.isSafeInteger(entryTerm) && entryTerm >= 0, "the term is no natural number");
  const timeMs = readNumber(view, offset + AT.timeMs);
  demand(Number.isFinite(timeMs), "the time is no number");
  const kind = kinds[view.getUint8(offset + AT.kind)];
  demand(kind !== undefined, "unknown kind of entry");
  const body = offset + AT.body;
  if (kind === "command") checkCommand(reader, body, end);
  return {
    index: logIndex(index),
    term: term(entryTerm),
    kind,
    timeMs,
    configuration: kind === "configuration" ? decodeConfiguration(bytes.subarray(body, end)) : null,
    record: bytes.subarray(offset, end),
  };
}

function readNumber(view: DataView, at: number): number {
  demand(view.getUint8(at) === FLOAT_64, "a number is missing");
  return view.getFloat64(at + 1);
}

/** A command fills its record to the end. */
function checkCommand({ view }: RecordReader, body: number, end: number): void {
  const command = body + (AT.command - AT.body);
  demand(command <= end && view.getUint8(body) === BIN_32, "the command is missing");
  demand(command + view.getUint32(body + 1) === end, "the command does not fill its record");
}

function malformed(detail: string): MalformedError {
  return new MalformedError("log entry", detail);
}

function demand(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw malformed(otherwise);
}
