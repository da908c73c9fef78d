/**
 * Remembered answers as bytes, one behind the other; by hand, as items are (see `item-bytes.ts`):
 *
 *     key · fingerprint · timeMs · kind of result · revision · term · index · detail
 */
import { type CommandResult, logIndex, type Revision, revision, term } from "../types";
import type { ByteReader } from "./byte-reader";
import type { ByteWriter } from "./byte-writer";
import type { RememberedAnswer } from "./idempotency";

const SET = 0;
const DELETED = 1;
const PRECONDITION_FAILED = 2;
const IDEMPOTENCY_MISMATCH = 3;

export function writeAnswer(writer: ByteWriter, answer: RememberedAnswer): void {
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
