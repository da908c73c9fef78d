/**
 * An item as bytes, the same in memory and in a snapshot, so that the one is copied from the other:
 *
 *     kind of value · key · value · modRevision · modRevision - createRevision · version
 *
 * Key, text and JSON begin with twice the length of their UTF-8, plus one if it is ASCII; bytes
 * begin with their number. Written by hand rather than by msgpack, for there are a million of them:
 * a third of the time either way, and less to compress.
 */
import { VALUE_KINDS, type ValueInPlace } from "../codec/commands";
import { copyBytes } from "../codec/copy-bytes";
import { readAscii, readUtf8 } from "../codec/utf8";
import { type KeyValue, type Revision, revision, type Value } from "../types";
import type { ByteReader } from "./byte-reader";
import { markedTextBytesMax, writeMarkedText } from "./marked-text";
import { VARINT_BYTES_MAX, writeVarint } from "./varint";

const NON_ASCII = 0x80;
/** The same in each byte of a word. */
const NON_ASCII_WORD = 0x80808080 | 0;
const NOTHING = new Uint8Array(0);

/** As `KeyValue`, its value where it stands. */
export interface NewItem {
  readonly key: string;
  readonly value: ValueInPlace;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  readonly version: number;
}

/** What an item takes at most. Units: bytes. */
export const itemBytesMax = ({ key, value }: NewItem): number =>
  1 + markedTextBytesMax(key) + 4 * VARINT_BYTES_MAX + value.end - value.start;

/** Writes an item at a place where there is room, and returns where it ends. */
export function writeItem({ bytes, view }: ItemRoom, at: number, item: NewItem): number {
  const { key, value } = item;
  bytes[at] = VALUE_KINDS.indexOf(value.kind);
  let end = writeMarkedText(bytes, at + 1, key);
  const length = value.end - value.start;
  const valueHead = end;
  end = writeVarint(bytes, end, value.kind === "bytes" ? length : length * 2);
  copyBytes(value, bytes, end);
  if (value.kind !== "bytes" && isAscii(view, end, end + length)) {
    bytes[valueHead] = (bytes[valueHead] ?? 0) | 1;
  }
  end = writeVarint(bytes, end + length, item.modRevision);
  end = writeVarint(bytes, end, item.modRevision - item.createRevision);
  return writeVarint(bytes, end, item.version);
}

/** The same memory twice. */
export interface ItemRoom {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function isAscii(view: DataView, start: number, end: number): boolean {
  let units = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) units |= view.getInt32(at);
  for (; at < end; at++) units |= view.getInt8(at) & NON_ASCII;
  return (units & NON_ASCII_WORD) === 0;
}

/**
 * One item's fields, taken apart where they stand: no text is made of them before somebody wants
 * it. Used again for each item.
 */
export class ItemFields {
  bytes: Uint8Array = NOTHING;
  /** Of the same memory. */
  view: DataView = new DataView(NOTHING.buffer);
  /** Where the item begins and, excluding, ends; likewise its key and its value. */
  start = 0;
  end = 0;
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  kind: Value["kind"] = "text";
  modRevision = revision(0);
  createRevision = revision(0);
  version = 0;
  #isKeyAscii = false;
  #isValueAscii = false;

  /** Takes the item apart at which `reader` stands. Errors: `MalformedError`. */
  read(reader: ByteReader): this {
    this.bytes = reader.data;
    this.view = reader.view;
    this.start = reader.position;
    const number = reader.byte();
    const kind = VALUE_KINDS[number] ?? reader.fail(`unknown kind ${number} of value`);
    const keyHead = reader.number();
    this.#isKeyAscii = keyHead % 2 === 1;
    this.keyStart = reader.pass(Math.floor(keyHead / 2));
    this.keyEnd = reader.position;
    const valueHead = reader.number();
    this.kind = kind;
    this.#isValueAscii = valueHead % 2 === 1;
    this.valueStart = reader.pass(kind === "bytes" ? valueHead : Math.floor(valueHead / 2));
    this.valueEnd = reader.position;
    this.modRevision = revision(reader.number());
    this.createRevision = revision(this.modRevision - reader.number());
    this.version = reader.number();
    this.end = reader.position;
    return this;
  }

  /** Of key and value. */
  get byteLength(): number {
    return this.keyEnd - this.keyStart + this.valueEnd - this.valueStart;
  }

  /** Whether what is marked as ASCII is: a hash, which is of the bytes, would not tell. */
  get isMarkedRight(): boolean {
    const { keyEnd, keyStart, kind, valueEnd, valueStart, view } = this;
    if (this.#isKeyAscii && !isAscii(view, keyStart, keyEnd)) return false;
    return kind === "bytes" || !this.#isValueAscii || isAscii(view, valueStart, valueEnd);
  }

  /** Whether the item is this key's. */
  isOf(key: string): boolean {
    if (!this.#isKeyAscii) return this.key() === key;
    const { keyEnd, keyStart, view } = this;
    if (key.length !== keyEnd - keyStart) return false;
    for (let at = 0; at < key.length; at++) {
      if (key.charCodeAt(at) !== view.getUint8(keyStart + at)) return false;
    }
    return true;
  }

  key(): string {
    return (this.#isKeyAscii ? readAscii : readUtf8)(this.bytes, this.keyStart, this.keyEnd);
  }

  /** It shares no memory with the bytes. `key` is the item's own, if it is known. */
  toKeyValue(key = this.key()): KeyValue {
    const { createRevision, modRevision, version } = this;
    return { key, value: this.#readValue(), createRevision, modRevision, version };
  }

  #readValue(): Value {
    const { bytes, kind, valueEnd, valueStart } = this;
    if (kind === "bytes") return { kind, bytes: bytes.slice(valueStart, valueEnd) };
    const text = (this.#isValueAscii ? readAscii : readUtf8)(bytes, valueStart, valueEnd);
    return kind === "text" ? { kind, text } : { kind, json: text };
  }
}
