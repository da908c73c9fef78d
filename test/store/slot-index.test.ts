import { expect, test } from "bun:test";
import { SlotIndex } from "../../src/store/slot-index";
import { seededRandom } from "../seeded-random";

/** An index over keys that lie in an array, as items do in memory. */
function indexOver() {
  const keys: (string | null)[] = [];
  const asked: string[] = [];
  const index = new SlotIndex((slot, key) => {
    asked.push(key);
    return keys[slot] === key;
  });
  const add = (key: string): number => {
    const slot = keys.push(key) - 1;
    index.add(key, slot);
    return slot;
  };
  /** The item goes first, as it does in the store. */
  const remove = (key: string, slot: number) => {
    keys[slot] = null;
    index.delete(key, slot);
  };
  return { add, asked, index, remove };
}

test("finds what a map finds, whatever comes and goes", () => {
  const { below, pick } = seededRandom("slot index");
  const letters = ["a", "b", "é", "😀", "\u0000", "__proto__"];
  for (let round = 0; round < 20; round++) {
    const { add, index, remove } = indexOver();
    const model = new Map<string, number>();
    const longest = 1 + below(5);
    for (let step = 0; step < 1_000; step++) {
      const key = Array.from({ length: below(longest) }, () => pick(letters)).join("");
      const slot = model.get(key);
      expect(index.get(key)).toBe(slot);
      if (slot === undefined) model.set(key, add(key));
      else if (below(2) === 0) {
        remove(key, slot);
        model.delete(key);
      }
      expect(index.size).toBe(model.size);
    }
    for (const [key, slot] of model) expect(index.get(key)).toBe(slot);
  }
});

test("grows, and loses nobody", () => {
  const { add, asked, index } = indexOver();
  for (let key = 0; key < 50_000; key++) add(`${key}`);
  asked.length = 0;
  for (let key = 0; key < 50_000; key++) expect(index.get(`${key}`)).toBe(key);
  expect(index.get("50000")).toBeUndefined();
  // No key is compared but with such as have its hash, which next to none have.
  expect(asked.length).toBeLessThan(50_010);
});

test("tells two keys apart that have one hash", () => {
  const [one, other] = ["key-33498", "key-81222"];
  for (const goes of [0, 1]) {
    const { add, asked, index, remove } = indexOver();
    const slots = [add(one), add(other)];
    expect([index.get(one), index.get(other)]).toEqual(slots);
    expect(asked).toEqual([one, other, other]);
    const [gone = "", stays = ""] = goes === 0 ? [one, other] : [other, one];
    remove(gone, slots[goes] ?? 0);
    expect(index.get(gone)).toBeUndefined();
    expect(index.get(stays)).toBe(slots[1 - goes]);
  }
});
