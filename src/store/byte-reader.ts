/** Reads what `ByteWriter` wrote. Everything throws `MalformedError` where the bytes end early. */
import { MalformedError } from "../codec/malformed";
import { readAscii, readUtf8 } from "../codec/utf8";

export class ByteReader {
  #at = 0;
  /** All that is read from, in two ways. */
  readonly data: Uint8Array;
  readonly view: DataView;

  constructor(
    data: Uint8Array,
    /** What is being read, for messages. */
    private readonly subject: string,
  ) {
    // Never a `Buffer`, whose `slice` copies nothing.
    this.data = new Uint8Array(data.buffer, data.byteOffset, data.length);
    this.view = new DataView(data.buffer, data.byteOffset, data.length);
  }

  /** Where the next field begins. */
  get position(): number {
    return this.#at;
  }

  /** Goes on at a place where a field begins. */
  seek(position: number): void {
    this.#at = position;
  }

  get isAtEnd(): boolean {
    return this.#at === this.data.length;
  }

  fail(detail: string): never {
    throw new MalformedError(this.subject, detail);
  }

  byte(): number {
    return this.data[this.pass(1)] ?? 0;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : this.fail("an unsafe number");
      if (factor > Number.MAX_SAFE_INTEGER) this.fail("an endless number");
    }
  }

  float(): number {
    return this.view.getFloat64(this.pass(8));
  }

  word(): number {
    return this.view.getUint32(this.pass(4));
  }

  text(): string {
    const length = this.number();
    const byteLength = Math.floor(length / 2);
    const start = this.pass(byteLength);
    const isAscii = length % 2 === 1;
    return (isAscii ? readAscii : readUtf8)(this.data, start, start + byteLength);
  }

  /** Passes `count` bytes, and tells where they begin. */
  pass(count: number): number {
    const start = this.#at;
    if (start + count > this.data.length) this.fail("it ends within a field");
    this.#at = start + count;
    return start;
  }
}
