/**
 * The order of keys: that of their UTF-8 bytes, which is the order of their code points. It differs
 * from the order of JavaScript's strings in one place only: a surrogate (half of a code point above
 * U+FFFF) is a smaller unit than U+E000…U+FFFF and yet sorts behind them.
 */

const FIRST_SURROGATE = 0xd800;
const FIRST_AFTER_SURROGATES = 0xe000;
const ABOVE_EVERY_UNIT = 0x10000;

/** Negative when `left` comes first, positive when `right` does, 0 when they are the same key. */
export function compareKeys(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const ours = left.charCodeAt(at);
    const theirs = right.charCodeAt(at);
    if (ours !== theirs) return rank(ours) - rank(theirs);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  const isSurrogate = unit >= FIRST_SURROGATE && unit < FIRST_AFTER_SURROGATES;
  return isSurrogate ? unit + ABOVE_EVERY_UNIT : unit;
}
