import { expect, test } from "bun:test";
import { SlotIndex } from "../../src/store/slot-index";
import { seededRandom } from "../seeded-random";

/** The seed under which the keys below have one hash. */
const SEED = 0x9747b28c;
const TWINS = [
  ["6at7jq", "8tcqzj"],
  ["zds0d9", "0nh5wm"],
  ["gc0l3t", "s5awfy"],
  ["ieuv4l", "m1kumf"],
  ["yn2pfk", "98dore"],
] as const;
/** One of each two, one behind the other: each two leave the hash as it would be by the other. */
const KEYS_OF_ONE_HASH = Array.from({ length: 2 ** TWINS.length }, (_, number) =>
  TWINS.map((twins, at) => twins[(number >> at) & 1]).join(""),
);

/** An index over keys that lie in an array, as items do in memory; slots are given away again. */
function indexOver(seed?: number) {
  const keys: (string | null)[] = [];
  const free: number[] = [];
  const asked: string[] = [];
  const index = new SlotIndex((slot, key) => {
    asked.push(key);
    return keys[slot] === key;
  }, seed);
  const add = (key: string): number => {
    const slot = free.pop() ?? keys.length;
    keys[slot] = key;
    index.add(key, slot);
    return slot;
  };
  /** The item goes first, as it does in the store. */
  const remove = (key: string, slot: number) => {
    keys[slot] = null;
    index.delete(key, slot);
    free.push(slot);
  };
  return { add, asked, index, remove };
}

test("finds what a map finds, whatever comes and goes", () => {
  const { below, pick } = seededRandom("slot index");
  const letters = ["a", "b", "é", "😀", "\u0000", "__proto__"];
  for (let round = 0; round < 20; round++) {
    const { add, index, remove } = indexOver(below(2 ** 32));
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
    const { add, asked, index, remove } = indexOver(SEED);
    const slots = [add(one), add(other)];
    expect([index.get(one), index.get(other)]).toEqual(slots);
    expect(asked).toEqual([one, other, other]);
    const [gone = "", stays = ""] = goes === 0 ? [one, other] : [other, one];
    remove(gone, slots[goes] ?? 0);
    expect(index.get(gone)).toBeUndefined();
    expect(index.get(stays)).toBe(slots[1 - goes]);
  }
});

test("finds what a map finds among many keys of one hash, with others between them", () => {
  const { below, pick } = seededRandom("slot index, one hash");
  const keys = [...KEYS_OF_ONE_HASH, ...Array.from({ length: 32 }, (_, at) => `other ${at}`)];
  for (let round = 0; round < 20; round++) {
    const { add, index, remove } = indexOver(SEED);
    const model = new Map<string, number>();
    for (let step = 0; step < 500; step++) {
      const key = pick(keys);
      const slot = model.get(key);
      if (slot === undefined) model.set(key, add(key));
      else if (below(3) > 0) {
        remove(key, slot);
        model.delete(key);
      }
      if (step % 10 === 0) for (const each of keys) expect(index.get(each)).toBe(model.get(each));
    }
    for (const [key, slot] of model) remove(key, slot);
    expect(index.size).toBe(0);
    for (const key of keys) expect(index.get(key)).toBeUndefined();
  }
});

test("nobody can prepare keys that have one hash in every process", () => {
  const askedOf = (seed?: number): number => {
    const { add, asked, index } = indexOver(seed);
    for (const key of KEYS_OF_ONE_HASH) add(key);
    for (const key of KEYS_OF_ONE_HASH) index.get(key);
    return asked.length;
  };
  const count = KEYS_OF_ONE_HASH.length;
  expect(askedOf(SEED)).toBe((count * (count + 1)) / 2);
  expect(askedOf()).toBeLessThan(count + 5);
});

test("to take away what is not there is a broken assumption, not a search without end", () => {
  const { add, index } = indexOver();
  for (const key of KEYS_OF_ONE_HASH) add(key);
  const slot = index.size;
  expect(() => index.delete("absent", slot)).toThrow("a key that is taken away is there");
});
