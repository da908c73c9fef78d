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

/** Surrogates, and the units that they sort behind. */
const OUT_OF_ORDER = /[\ud800-\uffff]/;

/**
 * The same order among keys that it has admitted, at half the cost as long as JavaScript's own one
 * will do: that of units, compared by the engine. The two differ only where, at the first unit that
 * is not the same, one key has a surrogate and the other one of U+E000…U+FFFF. So they agree on any
 * two keys of which one has neither; and which of the two decides changes the place of no key that
 * was admitted before.
 */
export class KeyOrder {
  #isNative = true;

  /** To be told of a key before it is compared with others that may be out of order as well. */
  admit(key: string): void {
    if (this.#isNative && OUT_OF_ORDER.test(key)) this.#isNative = false;
  }

  /** As `compareKeys`, where one of the two was admitted. */
  readonly compare = (left: string, right: string): number => {
    if (!this.#isNative) return compareKeys(left, right);
    if (left < right) return -1;
    return left === right ? 0 : 1;
  };
}
