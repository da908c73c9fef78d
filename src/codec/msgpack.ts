/**
 * The few shapes of msgpack that hot paths write and read without a general codec: short arrays,
 * nil, true, whole numbers, text and bytes. What is written here any msgpack decoder reads, and
 * what any encoder writes of these shapes is read here.
 * Source: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
import { assert } from "../assert";
import { MalformedError } from "./malformed";
import { readUtf8, UTF8_BYTES_PER_UNIT_MAX, writeUtf8 } from "./utf8";

const FIX_ARRAY = 0x90;
const FIX_ARRAY_MAX = 0x0f;
const FIX_TEXT = 0xa0;
const FIX_TEXT_MAX = 0x1f;
const FIX_NUMBER_MAX = 0x7f;
const NIL = 0xc0;
const TRUE = 0xc3;
const BYTES_8 = 0xc4;
const FLOAT_64 = 0xcb;
const NUMBER_8 = 0xcc;
const TEXT_8 = 0xd9;

/** A mark and the widest length or number behind it. Units: bytes. */
const HEAD_BYTES_MAX = 9;
/** What the memory of a writer starts with, and is given back down to. Units: bytes. */
const ROOM_BYTES_MIN = 4 * 1024;
const ROOM_BYTES_KEPT = 256 * 1024;

const nothing = new Uint8Array(0);

/** Writes one value after another into memory that grows and is used again. */
export class MsgpackWriter {
  #bytes = new Uint8Array(ROOM_BYTES_MIN);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** What was written since the last call, in an array of its own. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > ROOM_BYTES_KEPT) this.#grow(ROOM_BYTES_MIN);
    return taken;
  }

  /** The head of an array of at most 15 values, which follow. */
  array(length: number): this {
    assert(length <= FIX_ARRAY_MAX, "an array written by hand is short");
    return this.#mark(FIX_ARRAY | length);
  }

  nil(): this {
    return this.#mark(NIL);
  }

  true(): this {
    return this.#mark(TRUE);
  }

  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): this {
    if (value <= FIX_NUMBER_MAX) return this.#mark(value);
    if (value < 2 ** 32) return this.#sized(NUMBER_8, value);
    this.#mark(FLOAT_64);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
    return this;
  }

  /** Well-formed text. */
  text(text: string): this {
    const start = this.#length;
    this.#reserve(HEAD_BYTES_MAX + text.length * UTF8_BYTES_PER_UNIT_MAX);
    // Nearly all text is ASCII, so its length is known before it is written.
    this.#textHead(text.length);
    const written = writeUtf8(this.#bytes, text, this.#length);
    if (written !== text.length) {
      this.#length = start;
      this.#textHead(written);
      writeUtf8(this.#bytes, text, this.#length);
    }
    this.#length += written;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(HEAD_BYTES_MAX + bytes.length);
    this.#sized(BYTES_8, bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #textHead(length: number): void {
    if (length <= FIX_TEXT_MAX) this.#mark(FIX_TEXT | length);
    else this.#sized(TEXT_8, length);
  }

  #mark(mark: number): this {
    this.#reserve(HEAD_BYTES_MAX);
    this.#bytes[this.#length++] = mark;
    return this;
  }

  /** `mark8` and the two marks behind it, for 8, 16 and 32 bits: the narrowest that fits. */
  #sized(mark8: number, size: number): this {
    if (size < 2 ** 8) {
      this.#mark(mark8);
      this.#bytes[this.#length++] = size;
    } else if (size < 2 ** 16) {
      this.#mark(mark8 + 1);
      this.#view.setUint16(this.#length, size);
      this.#length += 2;
    } else {
      this.#mark(mark8 + 2);
      this.#view.setUint32(this.#length, size);
      this.#length += 4;
    }
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed > this.#bytes.length) this.#grow(needed * 2);
  }

  #grow(room: number): void {
    const before = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(room);
    this.#bytes.set(before);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** Takes one value after another. Every method throws `MalformedError` on a wrong shape. */
export class MsgpackReader {
  #bytes: Uint8Array = nothing;
  #at = 0;

  /** `subject` is what is read, for people. */
  constructor(private readonly subject: string) {}

  /** Begins to read what fills `bytes` from `start` on. */
  open(bytes: Uint8Array, start: number): void {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Nothing may follow. The bytes are let go. */
  end(): void {
    const isAtEnd = this.#at === this.#bytes.length;
    this.#bytes = nothing;
    if (!isAtEnd) this.#fail("its end is not where its fields end");
  }

  /** How many values the array holds that begins here. */
  array(): number {
    const mark = this.#byte();
    if ((mark & ~FIX_ARRAY_MAX) !== FIX_ARRAY) this.#fail("not a short array");
    return mark & FIX_ARRAY_MAX;
  }

  /** Takes nil, if that comes. */
  nil(): boolean {
    return this.#takes(NIL);
  }

  /** Takes true, if that comes. */
  true(): boolean {
    return this.#takes(TRUE);
  }

  /** A whole number from 0 to 2^53 - 1. */
  number(): number {
    const mark = this.#byte();
    if (mark <= FIX_NUMBER_MAX) return mark;
    if (mark === FLOAT_64) return this.#float();
    return this.#sized(mark - NUMBER_8);
  }

  text(): string {
    const start = this.passText();
    return readUtf8(this.#bytes, start, this.#at);
  }

  /** A copy: what outlives a frame must not keep all of it alive. */
  bytes(): Uint8Array {
    const start = this.passBytes();
    return new Uint8Array(this.#bytes.subarray(start, this.#at));
  }

  /** Passes text, whose UTF-8 ends at `position`, and tells where it begins. */
  passText(): number {
    const mark = this.#byte();
    const isShort = (mark & ~FIX_TEXT_MAX) === FIX_TEXT;
    return this.#stretch(isShort ? mark & FIX_TEXT_MAX : this.#sized(mark - TEXT_8));
  }

  /** Passes bytes, which end at `position`, and tells where they begin. */
  passBytes(): number {
    return this.#stretch(this.#sized(this.#byte() - BYTES_8));
  }

  /** Where the next value begins. */
  get position(): number {
    return this.#at;
  }

  #takes(mark: number): boolean {
    if (this.#bytes[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #byte(): number {
    return this.#bytes[this.#at++] ?? this.#fail("cut off");
  }

  /** What a mark of `width` 0, 1 or 2 says in the 8, 16 or 32 bits behind it. */
  #sized(width: number): number {
    if (width !== 0 && width !== 1 && width !== 2) return this.#fail("a field of another kind");
    let size = 0;
    for (let left = 1 << width; left > 0; left--) size = size * 0x100 + this.#byte();
    return size;
  }

  #float(): number {
    const start = this.#stretch(8);
    const { buffer, byteOffset } = this.#bytes;
    const value = new DataView(buffer, byteOffset + start, 8).getFloat64(0);
    if (!Number.isSafeInteger(value) || value < 0) this.#fail("no whole number");
    return value;
  }

  /** Passes `length` bytes and returns where they begin. */
  #stretch(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) this.#fail("cut off");
    this.#at += length;
    return start;
  }

  #fail(detail: string): never {
    throw new MalformedError(this.subject, detail);
  }
}
