/**
 * A fast 128-bit hash of what the store holds: against accidents, not against attackers.
 *
 * Source: the rounds of MurmurHash3 x86_128 (Austin Appleby, public domain). A field is padded with
 * zeros to blocks of four 32-bit words and followed by its length, so that no two lists of fields
 * look alike. Fingerprints outlive a release: fields, constants and rounds never
 * change.
 */
import { VALUE_KINDS, type ValueInPlace } from "../codec/commands";
import { UTF8_BYTES_PER_UNIT_MAX } from "../codec/utf8";
import type { Value } from "../types";

/** Four 32-bit words. */
const BLOCK_BYTES = 16;
/** Room for a short text, or for a block that is padded. */
const STRETCH_BYTES = 16 * 1024;
const SHORT_TEXT_UNITS = Math.floor(STRETCH_BYTES / UTF8_BYTES_PER_UNIT_MAX);

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const encoder = new TextEncoder();
const stretch = new Uint8Array(STRETCH_BYTES);
/** The same memory by words: little-endian on every machine that runs JavaScript today. */
const words = new Int32Array(stretch.buffer);
const stretchView = new DataView(stretch.buffer);

export class Hash128 {
  /** The four lanes; they hold the hash after `finish`. */
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  #blocks = 0;

  /** Begins anew. */
  reset(): this {
    this.a = 0;
    this.b = 0;
    this.c = 0;
    this.d = 0;
    this.#blocks = 0;
    return this;
  }

  /** Two whole numbers from 0 to 2^53 - 1: one block. */
  numbers(first: number, second: number): this {
    words[0] = first | 0;
    words[1] = (first / 2 ** 32) | 0;
    words[2] = second | 0;
    words[3] = (second / 2 ** 32) | 0;
    this.#mix(stretchView, 0, BLOCK_BYTES);
    return this;
  }

  /** A text's UTF-8. */
  text(text: string): this {
    if (text.length > SHORT_TEXT_UNITS) return this.bytes(encoder.encode(text));
    const { written } = encoder.encodeInto(text, stretch);
    return this.within(stretchView, 0, written);
  }

  /** Bytes, or the UTF-8 of a text. */
  bytes(bytes: Uint8Array): this {
    return this.within(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  }

  /** Those from `start` up to, excluding, `end`: nothing is copied but what must be padded. */
  within(view: DataView, start: number, end: number): this {
    const length = end - start;
    const restStart = end - (length % BLOCK_BYTES);
    this.#mix(view, start, restStart);
    if (restStart < end) {
      let padded = 0;
      for (let at = restStart; at < end; at++) stretch[padded++] = view.getUint8(at);
      while (padded < BLOCK_BYTES) stretch[padded++] = 0;
      this.#mix(stretchView, 0, BLOCK_BYTES);
    }
    return this.numbers(length, 0);
  }

  /** A value with its kind. */
  value({ bytes, end, kind, start }: ValueInPlace): this {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.valueWithin(kind, view, start, end);
  }

  /** The same for who has a view of the bytes. */
  valueWithin(kind: Value["kind"], view: DataView, start: number, end: number): this {
    return this.numbers(VALUE_KINDS.indexOf(kind), 0).within(view, start, end);
  }

  /** Spreads every bit over every lane. The lanes are the hash until the next `reset`. */
  finish(): this {
    const a = avalanche(this.a ^ this.#blocks);
    const b = avalanche(this.b ^ this.#blocks);
    const c = avalanche(this.c ^ this.#blocks);
    const d = avalanche(this.d ^ this.#blocks);
    this.a = (a + b + c + d) | 0;
    this.b = (b + this.a) | 0;
    this.c = (c + this.a) | 0;
    this.d = (d + this.a) | 0;
    return this;
  }

  /** Whole blocks. */
  #mix(view: DataView, start: number, end: number): void {
    let { a, b, c, d } = this;
    for (let at = start; at < end; at += BLOCK_BYTES) {
      a ^= Math.imul(rotate(Math.imul(view.getInt32(at, true), C1), 15), C2);
      a = (Math.imul((rotate(a, 19) + b) | 0, 5) + 0x561ccd1b) | 0;
      b ^= Math.imul(rotate(Math.imul(view.getInt32(at + 4, true), C2), 16), C3);
      b = (Math.imul((rotate(b, 17) + c) | 0, 5) + 0x0bcaa747) | 0;
      c ^= Math.imul(rotate(Math.imul(view.getInt32(at + 8, true), C3), 17), C4);
      c = (Math.imul((rotate(c, 15) + d) | 0, 5) + 0x96cd1c35) | 0;
      d ^= Math.imul(rotate(Math.imul(view.getInt32(at + 12, true), C4), 18), C1);
      d = (Math.imul((rotate(d, 13) + a) | 0, 5) + 0x32ac3b17) | 0;
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.#blocks = (this.#blocks + (end - start) / BLOCK_BYTES) | 0;
  }
}

/** A 32-bit word turned to the left. */
export const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** MurmurHash3's last step: every bit of a word over all of it. */
export function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
