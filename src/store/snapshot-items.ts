/**
 * Items and remembered answers as bytes, one behind the other. Written by hand rather than by
 * msgpack, for there are a million of them: a third of the time either way, and less to compress.
 *
 *     item     kind of value · key · value · modRevision · modRevision - createRevision · version
 *     answer   key · fingerprint · timeMs · kind of result · revision · term · index · detail
 */
import {
  type CommandResult,
  type KeyValue,
  logIndex,
  type Revision,
  revision,
  term,
  type Value,
} from "../types";
import type { ByteReader } from "./byte-reader";
import type { ByteWriter } from "./byte-writer";
import type { RememberedAnswer } from "./idempotency";

const TEXT = 0;
const JSON_TEXT = 1;
const BYTES = 2;

const SET = 0;
const DELETED = 1;
const PRECONDITION_FAILED = 2;
const IDEMPOTENCY_MISMATCH = 3;

/** How parts of a snapshot are written. */
export interface PartFormat<Part> {
  /** Adds the texts that `write` writes, in their order: see `ByteWriter.prepare`. */
  readonly collectTexts: (part: Part, texts: string[]) => void;
  readonly write: (writer: ByteWriter, part: Part) => void;
}

export const itemFormat: PartFormat<KeyValue> = {
  collectTexts({ key, value }, texts) {
    texts.push(key);
    if (value.kind === "text") texts.push(value.text);
    else if (value.kind === "json") texts.push(value.json);
  },
  write: writeItem,
};

export const answerFormat: PartFormat<RememberedAnswer> = {
  collectTexts: ({ key }, texts) => texts.push(key),
  write: writeAnswer,
};

function writeItem(writer: ByteWriter, item: KeyValue): void {
  const { key, value, createRevision, modRevision, version } = item;
  switch (value.kind) {
    case "text":
      writer.byte(TEXT).text(key).text(value.text);
      break;
    case "json":
      writer.byte(JSON_TEXT).text(key).text(value.json);
      break;
    case "bytes":
      writer.byte(BYTES).text(key).bytes(value.bytes);
      break;
  }
  writer
    .number(modRevision)
    .number(modRevision - createRevision)
    .number(version);
}

/** Errors: `MalformedError`. */
export function readItem(reader: ByteReader): KeyValue {
  const kind = reader.byte();
  const key = reader.text();
  const value = readValue(reader, kind);
  const modRevision = revision(reader.number());
  const createRevision = revision(modRevision - reader.number());
  return { key, value, createRevision, modRevision, version: reader.number() };
}

function readValue(reader: ByteReader, kind: number): Value {
  switch (kind) {
    case TEXT:
      return { kind: "text", text: reader.text() };
    case JSON_TEXT:
      return { kind: "json", json: reader.text() };
    case BYTES:
      return { kind: "bytes", bytes: reader.bytes() };
    default:
      return reader.fail(`unknown kind ${kind} of value`);
  }
}

function writeAnswer(writer: ByteWriter, answer: RememberedAnswer): void {
  const { fingerprint, key, result, timeMs } = answer;
  writer.text(key);
  writer.word(fingerprint.a).word(fingerprint.b).word(fingerprint.c).word(fingerprint.d);
  const { kind, detail } = describeResult(result);
  writer.float(timeMs).byte(kind);
  writer.number(result.revision).number(result.term).number(result.index).number(detail);
}

/** Errors: `MalformedError`. */
export function readAnswer(reader: ByteReader): RememberedAnswer {
  const key = reader.text();
  // As the hash leaves them: signed.
  const word = () => reader.word() | 0;
  const fingerprint = { a: word(), b: word(), c: word(), d: word() };
  return { key, fingerprint, timeMs: reader.float(), result: readResult(reader) };
}

/** The kind, and what a result says beyond it. */
function describeResult(result: CommandResult): { readonly kind: number; readonly detail: number } {
  switch (result.kind) {
    case "set":
      return { kind: SET, detail: 0 };
    case "deleted":
      return { kind: DELETED, detail: result.deleted ? 1 : 0 };
    case "preconditionFailed":
      return { kind: PRECONDITION_FAILED, detail: result.modRevision };
    case "idempotencyMismatch":
      return { kind: IDEMPOTENCY_MISMATCH, detail: 0 };
  }
}

function readResult(reader: ByteReader): CommandResult {
  const kind = reader.byte();
  const decision = {
    revision: revision(reader.number()),
    term: term(reader.number()),
    index: logIndex(reader.number()),
  };
  const detail: Revision = revision(reader.number());
  switch (kind) {
    case SET:
      return { kind: "set", ...decision };
    case DELETED:
      return { kind: "deleted", deleted: detail === 1, ...decision };
    case PRECONDITION_FAILED:
      return { kind: "preconditionFailed", modRevision: detail, ...decision };
    case IDEMPOTENCY_MISMATCH:
      return { kind: "idempotencyMismatch", ...decision };
    default:
      return reader.fail(`unknown kind ${kind} of answer`);
  }
}
