/** Writes fields one behind the other into memory that grows and is used again. */
import { writeUtf8 } from "../codec/utf8";

/** A UTF-16 unit takes at most three bytes of UTF-8. */
const UTF8_BYTES_PER_UNIT_MAX = 3;
/** A whole number up to 2^53 - 1 in groups of seven bits. */
const NUMBER_BYTES_MAX = 8;
const FLOAT_BYTES = 8;
/** Below it the bits of a number can be shifted. */
const SHIFTABLE = 2 ** 31;

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes were written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** What was written, for use until the next write: the memory is used again. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** 0 to 255. */
  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, the lowest first. */
  number(value: number): this {
    this.#reserve(NUMBER_BYTES_MAX);
    let rest = value;
    while (rest >= SHIFTABLE) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  /** Any number. */
  float(value: number): this {
    this.#reserve(FLOAT_BYTES);
    this.#view.setFloat64(this.#length, value);
    this.#length += FLOAT_BYTES;
    return this;
  }

  /** An unsigned 32-bit word, all of its bits. */
  word(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
    return this;
  }

  /** Text as twice the length of its UTF-8, plus one if it is ASCII, and its UTF-8. */
  text(text: string): this {
    this.#reserve(NUMBER_BYTES_MAX + text.length * UTF8_BYTES_PER_UNIT_MAX);
    const start = this.#length;
    // Nearly all text is ASCII, so its length is known before it is written.
    this.number(text.length * 2 + 1);
    const written = writeUtf8(this.#bytes, text, this.#length);
    if (written !== text.length) {
      this.#length = start;
      this.number(written * 2);
      writeUtf8(this.#bytes, text, this.#length);
    }
    this.#length += written;
    return this;
  }

  /** Bytes behind their number. */
  bytes(bytes: Uint8Array): this {
    this.#reserve(NUMBER_BYTES_MAX + bytes.length);
    this.number(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const before = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.set(before);
    this.#view = new DataView(this.#bytes.buffer);
  }
}
