/** Whole numbers in groups of seven bits, the lowest first: small ones take a byte. */

/** A whole number up to 2^53 - 1. */
export const VARINT_BYTES_MAX = 8;
/** Below it the bits of a number can be shifted. */
const SHIFTABLE = 2 ** 31;

/** Writes a whole number from 0 to 2^53 - 1 and returns where it ends; there must be room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let end = at;
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
  return end;
}
