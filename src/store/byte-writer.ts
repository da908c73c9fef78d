/** Writes fields one behind the other into memory that grows and is used again. */
import { copyBytes, type Extent } from "../codec/copy-bytes";
import { markedTextBytesMax, writeMarkedText } from "./marked-text";
import { VARINT_BYTES_MAX, writeVarint } from "./varint";

const FLOAT_BYTES = 8;

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #end = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes were written since the last `take`. */
  get length(): number {
    return this.#end;
  }

  /** What was written, for use until the next write: the memory is used again. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#end);
    this.#end = 0;
    return taken;
  }

  /** 0 to 255. */
  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#end++] = value;
    return this;
  }

  /** A whole number from 0 to 2^53 - 1: see `writeVarint`. */
  number(value: number): this {
    this.#reserve(VARINT_BYTES_MAX);
    this.#end = writeVarint(this.#bytes, this.#end, value);
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

  /** Text: see `writeMarkedText`. */
  text(text: string): this {
    this.#reserve(markedTextBytesMax(text));
    this.#end = writeMarkedText(this.#bytes, this.#end, text);
    return this;
  }

  /** Bytes as they are, from `start` up to, excluding, `end`. */
  copy(extent: Extent): this {
    const length = extent.end - extent.start;
    this.#reserve(length);
    copyBytes(extent, this.#bytes, this.#end);
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
