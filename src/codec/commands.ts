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
 *
 * Each node decodes every command, so these few shapes are written and read by hand (`msgpack.ts`):
 * 0.3 µs where a general decoder takes 0.9 µs and makes an array and a view besides.
 */
import {
  type Command,
  type Condition,
  type DeleteCommand,
  revision,
  type SetCommand,
  type Value,
} from "../types";
import type { Extent } from "./copy-bytes";
import { MalformedError } from "./malformed";
import { MsgpackReader, MsgpackWriter } from "./msgpack";

const VERSION = 1;

const SET = 0;
const DELETE = 1;

const SET_FIELDS = 7;
const DELETE_FIELDS = 5;

const TEXT = 0;
const JSON_TEXT = 1;
const BYTES = 2;
/** By the numbers that stand for them, here, in snapshots and in hashes: these never change. */
export const VALUE_KINDS: readonly Value["kind"][] = ["text", "json", "bytes"];

/** A value where it stands among other bytes; text and JSON as their UTF-8. */
export interface ValueInPlace extends Extent {
  readonly kind: Value["kind"];
}

type SetOf<V> = Omit<SetCommand, "value"> & { readonly value: V };
type CommandOf<V> = SetOf<V> | DeleteCommand;

/** Commands whose value has been left where it stands. */
export type SetInPlace = SetOf<ValueInPlace>;
export type CommandInPlace = CommandOf<ValueInPlace>;

/** Used again for each command, as the engine runs one at a time. */
const writer = new MsgpackWriter();
const reader = new MsgpackReader("command");

/** A command's bytes, in an array of their own. */
export function encodeCommand(command: Command): Uint8Array {
  const isSet = command.op === "set";
  writer.array(isSet ? SET_FIELDS : DELETE_FIELDS);
  writer
    .number(VERSION)
    .number(isSet ? SET : DELETE)
    .text(command.key);
  writeCondition(command.condition);
  if (command.idempotencyKey === null) writer.nil();
  else writer.text(command.idempotencyKey);
  if (isSet) writeValue(command.value);
  return writer.take();
}

/**
 * The command that fills `bytes` from `start` on; it shares no memory with them.
 *
 * Errors: `MalformedError` for anything that `encodeCommand` could not have written.
 */
export const decodeCommand = (bytes: Uint8Array, start = 0): Command =>
  decode(bytes, start, readValue);

/** The same for who copies the value's bytes, and needs no text of them. Errors: as above. */
export const decodeCommandInPlace = (bytes: Uint8Array, start = 0): CommandInPlace =>
  decode(bytes, start, readValueInPlace);

function decode<V>(
  bytes: Uint8Array,
  start: number,
  readValue: (bytes: Uint8Array) => V,
): CommandOf<V> {
  reader.open(bytes, start);
  const fields = reader.array();
  const version = reader.number();
  if (version !== VERSION) throw malformed(`version ${version} is not ${VERSION}`);
  const op = reader.number();
  if (op !== SET && op !== DELETE) throw malformed(`unknown operation ${op}`);
  if (fields !== (op === SET ? SET_FIELDS : DELETE_FIELDS)) throw malformed(`${fields} fields`);
  const key = reader.text();
  const condition = readCondition();
  const idempotencyKey = reader.nil() ? null : reader.text();
  const command: CommandOf<V> =
    op === SET
      ? { op: "set", key, value: readValue(bytes), condition, idempotencyKey }
      : { op: "delete", key, condition, idempotencyKey };
  reader.end();
  return command;
}

function writeCondition(condition: Condition | null): void {
  if (condition === null) writer.nil();
  else if (condition.kind === "keyIsAbsent") writer.true();
  else writer.number(condition.revision);
}

function readCondition(): Condition | null {
  if (reader.nil()) return null;
  if (reader.true()) return { kind: "keyIsAbsent" };
  return { kind: "revisionIs", revision: revision(reader.number()) };
}

function writeValue(value: SetCommand["value"]): void {
  switch (value.kind) {
    case "text":
      writer.number(TEXT).text(value.text);
      break;
    case "json":
      writer.number(JSON_TEXT).text(value.json);
      break;
    case "bytes":
      writer.number(BYTES).bytes(value.bytes);
      break;
  }
}

function readValue(): Value {
  const kind = reader.number();
  switch (kind) {
    case TEXT:
      return { kind: "text", text: reader.text() };
    case JSON_TEXT:
      return { kind: "json", json: reader.text() };
    case BYTES:
      return { kind: "bytes", bytes: reader.bytes() };
    default:
      throw malformed(`unknown kind ${kind} of value`);
  }
}

function readValueInPlace(bytes: Uint8Array): ValueInPlace {
  const number = reader.number();
  const kind = VALUE_KINDS[number];
  if (kind === undefined) throw malformed(`unknown kind ${number} of value`);
  const start = kind === "bytes" ? reader.passBytes() : reader.passText();
  return { kind, bytes, start, end: reader.position };
}

const malformed = (detail: string): MalformedError => new MalformedError("command", detail);
