/**
 * A fast 128-bit hash of what the store holds: against accidents, not against attackers.
 *
 * Source: the rounds of MurmurHash3 x86_128 (Austin Appleby, public domain). A field is padded with
 * zeros to blocks of four 32-bit words and followed by its length, so that no two lists of fields
 * look alike. Fingerprints outlive a release: fields, constants and rounds never
 * change.
 */
import type { Value } from "../types";

/** Room for the words of one stretch of a field; a multiple of the 16 bytes of a block. */
const STRETCH_BYTES = 16 * 1024;
/** A UTF-16 unit takes at most three bytes of UTF-8. */
const SHORT_TEXT_UNITS = Math.floor(STRETCH_BYTES / 3);

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const TEXT = 0;
const JSON_TEXT = 1;
const BYTES = 2;

const encoder = new TextEncoder();
const stretch = new Uint8Array(STRETCH_BYTES);
/** The same memory by words: little-endian on every machine that runs JavaScript today. */
const words = new Int32Array(stretch.buffer);

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
    this.#mix(1);
    return this;
  }

  /** A text's UTF-8. */
  text(text: string): this {
    if (text.length > SHORT_TEXT_UNITS) return this.bytes(encoder.encode(text));
    const { written } = encoder.encodeInto(text, stretch);
    this.#mixStretch(written);
    return this.numbers(written, 0);
  }

  bytes(bytes: Uint8Array): this {
    // No view of a short one: the engine would give it a buffer object of its own, for good.
    if (bytes.length <= STRETCH_BYTES) {
      stretch.set(bytes);
      this.#mixStretch(bytes.length);
      return this.numbers(bytes.length, 0);
    }
    for (let start = 0; start < bytes.length; start += STRETCH_BYTES) {
      const part = bytes.subarray(start, start + STRETCH_BYTES);
      stretch.set(part);
      this.#mixStretch(part.length);
    }
    return this.numbers(bytes.length, 0);
  }

  /** A value with its kind. */
  value(value: Value): this {
    switch (value.kind) {
      case "text":
        return this.numbers(TEXT, 0).text(value.text);
      case "json":
        return this.numbers(JSON_TEXT, 0).text(value.json);
      case "bytes":
        return this.numbers(BYTES, 0).bytes(value.bytes);
    }
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

  #mixStretch(byteLength: number): void {
    let end = byteLength;
    while (end % 16 !== 0) stretch[end++] = 0;
    this.#mix(end / 16);
  }

  #mix(blocks: number): void {
    let { a, b, c, d } = this;
    for (let at = 0; at < blocks * 4; at += 4) {
      a ^= Math.imul(rotate(Math.imul(wordAt(at), C1), 15), C2);
      a = (Math.imul((rotate(a, 19) + b) | 0, 5) + 0x561ccd1b) | 0;
      b ^= Math.imul(rotate(Math.imul(wordAt(at + 1), C2), 16), C3);
      b = (Math.imul((rotate(b, 17) + c) | 0, 5) + 0x0bcaa747) | 0;
      c ^= Math.imul(rotate(Math.imul(wordAt(at + 2), C3), 17), C4);
      c = (Math.imul((rotate(c, 15) + d) | 0, 5) + 0x96cd1c35) | 0;
      d ^= Math.imul(rotate(Math.imul(wordAt(at + 3), C4), 18), C1);
      d = (Math.imul((rotate(d, 13) + a) | 0, 5) + 0x32ac3b17) | 0;
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.#blocks = (this.#blocks + blocks) | 0;
  }
}

const wordAt = (at: number): number => words[at] ?? 0;

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
