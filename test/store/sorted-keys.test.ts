import { expect, test } from "bun:test";
import { SortedKeys } from "../../src/store/sorted-keys";
import { randomFrom, type SeededRandom, seededRandom } from "../seeded-random";

const byBytes = (left: string, right: string) =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));
const inOrder = (keys: Iterable<string>) => [...keys].sort(byBytes);

const PLAIN = ["a", "b", "\u0000", "é", "\uD7FF"];
const OUT_OF_ORDER = ["\uE000", "\uFFFF", "😀", "𐀀", "\u{10FFFF}"];

/** Keys of few letters, so that many share a beginning; from a certain one on with all letters. */
function drawing({ below, pick }: SeededRandom) {
  const plainUntil = below(400);
  let drawn = 0;
  return () => {
    const letters = drawn++ < plainUntil ? PLAIN : [...PLAIN, ...OUT_OF_ORDER];
    return Array.from({ length: below(6) }, () => pick(letters)).join("");
  };
}

/** A number of its own for each key that was ever asked for. */
const slots = new Map<string, number>();
const keysBySlot: string[] = [];
function slotOf(key: string): number {
  const slot = slots.get(key) ?? keysBySlot.push(key) - 1;
  slots.set(key, slot);
  return slot;
}

const all = (sorted: SortedKeys) => [...sorted.runs()].flat().map((slot) => keysBySlot[slot]);
const add = (sorted: SortedKeys, key: string) => sorted.add(key, slotOf(key));
const append = (sorted: SortedKeys, keys: string[]) => sorted.append(keys, keys.map(slotOf));

test("keys come and go, whatever they hold, and copies stay as they were", () => {
  const seeds = seededRandom("sorted keys");
  for (let round = 0; round < 30; round++) {
    const random = randomFrom(seeds.below(2 ** 31));
    const draw = drawing(random);
    const keys = new Set<string>();
    const sorted = new SortedKeys();
    const copies: { copy: SortedKeys; keys: string[] }[] = [];
    for (let step = 0; step < 600; step++) {
      const key = draw();
      if (keys.delete(key)) sorted.delete(key);
      else {
        keys.add(key);
        add(sorted, key);
      }
      if (random.below(200) === 0) copies.push({ copy: sorted.copy(), keys: inOrder(keys) });
    }
    expect(all(sorted)).toEqual(inOrder(keys));
    for (const { copy, keys } of copies) expect(all(copy)).toEqual(keys);
    for (let count = 0; count < 20; count++) {
      // Not only what was admitted is looked for.
      const start = random.pick([draw(), `${draw()}😀`, `${draw()}\uFFFF`]);
      const behind = inOrder(keys).filter((key) => byBytes(key, start) >= 0);
      expect([...sorted.from(start)]).toEqual(behind.map((key) => [key, slotOf(key)]));
    }
  }
});

test("rows of keys are added behind those that are there", () => {
  const random = seededRandom("rows of sorted keys");
  const draw = drawing(random);
  const keys = inOrder(new Set(Array.from({ length: 3_000 }, draw)));
  const sorted = new SortedKeys();
  for (let from = 0; from < keys.length; ) {
    const row = keys.slice(from, from + 1 + random.below(700));
    append(sorted, row);
    from += row.length;
  }
  append(sorted, []);
  expect(all(sorted)).toEqual(keys);
  const [first] = keys;
  if (first === undefined) throw new Error("no key was drawn");
  sorted.delete(first);
  add(sorted, "😀😀😀");
  expect(all(sorted)).toEqual(inOrder(new Set([...keys.slice(1), "😀😀😀"])));
});

test("a run is gathered when it is asked for", () => {
  const sorted = new SortedKeys();
  append(
    sorted,
    Array.from({ length: 1_000 }, (_, at) => String(at).padStart(4, "0")),
  );
  const runs = sorted.runs();
  expect(runs.next().value?.length).toBe(256);
  add(sorted, "0999+");
  expect([...runs].flat()).toContain(slotOf("0999+"));
  expect(all(new SortedKeys())).toEqual([]);
});
