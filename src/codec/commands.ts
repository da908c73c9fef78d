/**
 * A command as bytes: encoded once where the client's wish arrives, then carried opaque through
 * wire, log and disk, and decoded once by every node that applies it.
 *
 * One plain msgpack array, the fields by position:
 *
 *     [version, op, key, condition, idempotencyKey]                        op 1: delete
 *     [version, op, key, condition, idempotencyKey, valueKind, payload]    op 0: set
 *
 * `condition` is nil for none, true for "the key is absent", else the revision that it must have.
 * `payload` is a msgpack string (kinds 0 text, 1 json) or binary (kind 2 bytes). The same command
 * always has the same bytes. Text must be well-formed: a lone surrogate would become U+FFFD.
 */
import { Packr, RESET_BUFFER_MODE } from "msgpackr";
import { type Command, type Condition, revision, type Value } from "../types";
import { MalformedError } from "./malformed";

const VERSION = 1;

const SET = 0;
const DELETE = 1;

const SET_FIELDS = 7;
const DELETE_FIELDS = 5;

const TEXT = 0;
const JSON_TEXT = 1;
const BYTES = 2;

/** Copies binary values, so that what outlives the frame does not keep the whole frame alive. */
const packr = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true });

/** A command's bytes, in an array of their own. */
export function encodeCommand(command: Command): Uint8Array {
  const { key, idempotencyKey } = command;
  const condition = encodeCondition(command.condition);
  const fields =
    command.op === "delete"
      ? [VERSION, DELETE, key, condition, idempotencyKey]
      : [VERSION, SET, key, condition, idempotencyKey, ...encodeValue(command.value)];
  // The packer's own buffer is used again by the next call; hence the copy.
  return new Uint8Array(packr.pack(fields, RESET_BUFFER_MODE));
}

/**
 * The command in `bytes`; it shares no memory with them.
 *
 * Errors: `MalformedError` for anything that `encodeCommand` could not have written.
 */
export function decodeCommand(bytes: Uint8Array): Command {
  const fields = unpack(bytes);
  const [version, op, key, condition, idempotencyKey, valueKind, payload] = fields;
  if (version !== VERSION) throw malformed(`version ${describe(version)} is not ${VERSION}`);
  if (typeof key !== "string") throw malformed("the key is not a string");
  if (idempotencyKey !== null && typeof idempotencyKey !== "string") {
    throw malformed("the idempotency key is neither a string nor nil");
  }
  if (op !== SET && op !== DELETE) throw malformed(`unknown operation ${describe(op)}`);
  if (fields.length !== (op === SET ? SET_FIELDS : DELETE_FIELDS)) {
    throw malformed(`${fields.length} fields`);
  }
  return op === SET
    ? {
        op: "set",
        key,
        value: decodeValue(valueKind, payload),
        condition: decodeCondition(condition),
        idempotencyKey,
      }
    : { op: "delete", key, condition: decodeCondition(condition), idempotencyKey };
}

function encodeCondition(condition: Condition | null): number | true | null {
  if (condition === null) return null;
  return condition.kind === "keyIsAbsent" ? true : condition.revision;
}

function decodeCondition(condition: unknown): Condition | null {
  if (condition === null) return null;
  if (condition === true) return { kind: "keyIsAbsent" };
  if (typeof condition !== "number" || !Number.isSafeInteger(condition) || condition < 0) {
    throw malformed("the condition is neither nil, true nor a revision");
  }
  return { kind: "revisionIs", revision: revision(condition) };
}

function encodeValue(value: Value): readonly [kind: number, payload: string | Uint8Array] {
  switch (value.kind) {
    case "text":
      return [TEXT, value.text];
    case "json":
      return [JSON_TEXT, value.json];
    case "bytes":
      return [BYTES, value.bytes];
  }
}

function decodeValue(kind: unknown, payload: unknown): Value {
  if (kind === TEXT && typeof payload === "string") return { kind: "text", text: payload };
  if (kind === JSON_TEXT && typeof payload === "string") return { kind: "json", json: payload };
  if (kind === BYTES && payload instanceof Uint8Array) return { kind: "bytes", bytes: payload };
  throw malformed(`the value of kind ${describe(kind)} does not hold what it must`);
}

function unpack(bytes: Uint8Array): readonly unknown[] {
  let fields: unknown;
  try {
    // msgpackr hangs a DataView on the array that it reads: give it a view to throw away, so that
    // entries which stay in memory do not grow.
    fields = packr.unpack(bytes.subarray());
  } catch {
    // Its errors quote the data, which is the user's; ours do not.
    throw malformed("not one whole msgpack value");
  }
  if (!Array.isArray(fields)) throw malformed("not an array");
  return fields;
}

const describe = (field: unknown): string =>
  typeof field === "number" ? `${field}` : typeof field;

const malformed = (detail: string): MalformedError => new MalformedError("command", detail);
