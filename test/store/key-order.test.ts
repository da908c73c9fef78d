import { expect, test } from "bun:test";
import { compareKeys, KeyOrder } from "../../src/store/key-order";
import { seededRandom } from "../seeded-random";

const byBytes = (left: string, right: string) =>
  Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));

test("code points above U+FFFF sort behind U+E000…U+FFFF, as their bytes do", () => {
  expect("😀" < "\uFFFD").toBe(true);
  expect(compareKeys("😀", "\uFFFD")).toBeGreaterThan(0);
  expect(compareKeys("\uE000", "😀")).toBeLessThan(0);
  expect(compareKeys("\uD7FF", "😀")).toBeLessThan(0);
});

test("a key sorts behind each of its prefixes and equals itself alone", () => {
  expect(compareKeys("", "a")).toBeLessThan(0);
  expect(compareKeys("ab", "a")).toBeGreaterThan(0);
  expect(compareKeys("a😀", "a😀")).toBe(0);
});

const alphabet = [
  "",
  "a",
  "b",
  "\u0000",
  "é",
  "\uD7FF",
  "\uE000",
  "\uFFFF",
  "😀",
  "𐀀",
  "\u{10FFFF}",
];

test("the order is that of the UTF-8 bytes for any two well-formed keys", () => {
  const { seed, below, pick } = seededRandom("key order");
  const key = () => Array.from({ length: below(5) }, () => pick(alphabet)).join("");
  for (let round = 0; round < 20_000; round++) {
    const [left, right] = [key(), key()];
    if (Math.sign(compareKeys(left, right)) === byBytes(left, right)) continue;
    throw new Error(`seed ${seed}: ${JSON.stringify([left, right])}`);
  }
});

test("an order of its own is the same, where one of the two keys was admitted", () => {
  const { seed, below, pick } = seededRandom("own key order");
  const key = () => Array.from({ length: below(5) }, () => pick(alphabet)).join("");
  for (let round = 0; round < 3_000; round++) {
    const order = new KeyOrder();
    const admitted = [key(), key(), key()];
    for (const one of admitted) order.admit(one);
    for (const one of admitted) {
      for (const other of [...admitted, key()]) {
        const isSame =
          Math.sign(order.compare(one, other)) === byBytes(one, other) &&
          Math.sign(order.compare(other, one)) === byBytes(other, one);
        if (!isSame) throw new Error(`seed ${seed}: ${JSON.stringify([admitted, one, other])}`);
      }
    }
  }
});
