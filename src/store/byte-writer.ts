/** Writes fields one behind the other into memory that grows and is used again. */
import { UTF8_BYTES_PER_UNIT_MAX, writeAscii, writeUtf8 } from "../codec/utf8";

/** Longer texts are not worth preparing. Units: bytes, in front of those that are written. */
export const PREPARED_BYTES_MAX = 64 * 1024;

/** A whole number up to 2^53 - 1 in groups of seven bits. */
const NUMBER_BYTES_MAX = 8;
const FLOAT_BYTES = 8;
/** Below it the bits of a number can be shifted. */
const SHIFTABLE = 2 ** 31;

export class ByteWriter {
  /** The prepared texts, and behind them what is written. */
  #bytes: Uint8Array;
  #view: DataView;
  #end = PREPARED_BYTES_MAX;
  /** The prepared texts that are not written yet. */
  #prepared = 0;
  #preparedEnd = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(PREPARED_BYTES_MAX + capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes were written since the last `take`. */
  get length(): number {
    return this.#end - PREPARED_BYTES_MAX;
  }

  /** What was written, for use until the next write: the memory is used again. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(PREPARED_BYTES_MAX, this.#end);
    this.#end = PREPARED_BYTES_MAX;
    return taken;
  }

  /**
   * Encodes the texts that the next calls of `text` will write, these and in this order: many short
   * ones at once take a third of the time. They are written as they would be anyway.
   */
  prepare(texts: readonly string[]): void {
    this.#prepared = 0;
    this.#preparedEnd = 0;
    let length = 0;
    for (const text of texts) length += text.length;
    if (length > PREPARED_BYTES_MAX) return;
    if (writeAscii(this.#bytes, texts.join(""))) this.#preparedEnd = length;
  }

  /** 0 to 255. */
  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#end++] = value;
    return this;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, the lowest first. */
  number(value: number): this {
    this.#reserve(NUMBER_BYTES_MAX);
    const bytes = this.#bytes;
    let end = this.#end;
    let rest = value;
    while (rest >= SHIFTABLE) {
      bytes[end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      bytes[end++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[end++] = rest;
    this.#end = end;
    return this;
  }

  /** Any number. */
  float(value: number): this {
    this.#reserve(FLOAT_BYTES);
    this.#view.setFloat64(this.#end, value);
    this.#end += FLOAT_BYTES;
    return this;
  }

  /** An unsigned 32-bit word, all of its bits. */
  word(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#end, value);
    this.#end += 4;
    return this;
  }

  /** Text as twice the length of its UTF-8, plus one if it is ASCII, and its UTF-8. */
  text(text: string): this {
    this.#reserve(NUMBER_BYTES_MAX + text.length * UTF8_BYTES_PER_UNIT_MAX);
    const start = this.#end;
    // Nearly all text is ASCII, so its length is known before it is written.
    this.number(text.length * 2 + 1);
    if (this.#prepared + text.length <= this.#preparedEnd) return this.#copyPrepared(text.length);
    const written = writeUtf8(this.#bytes, text, this.#end);
    if (written !== text.length) {
      this.#end = start;
      this.number(written * 2);
      writeUtf8(this.#bytes, text, this.#end);
    }
    this.#end += written;
    return this;
  }

  /** Bytes behind their number. */
  bytes(bytes: Uint8Array): this {
    this.#reserve(NUMBER_BYTES_MAX + bytes.length);
    this.number(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
    return this;
  }

  #copyPrepared(length: number): this {
    const start = this.#prepared;
    this.#prepared += length;
    this.#bytes.copyWithin(this.#end, start, this.#prepared);
    this.#end += length;
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#end + more;
    if (needed <= this.#bytes.length) return;
    const before = this.#bytes.subarray(0, this.#end);
    this.#bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.set(before);
    this.#view = new DataView(this.#bytes.buffer);
  }
}
