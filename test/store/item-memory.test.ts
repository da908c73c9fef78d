/** The items' bytes in memory: found whatever moves, let go of when unused, kept for a cut. */
import { describe, expect, test } from "bun:test";
import { ByteReader } from "../../src/store/byte-reader";
import { ByteWriter } from "../../src/store/byte-writer";
import { ItemFields } from "../../src/store/item-bytes";
import { CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, ItemMemory } from "../../src/store/item-memory";
import type { Slot } from "../../src/store/memory-chunk";
import type { MemoryCut } from "../../src/store/memory-cut";
import { randomFrom, seededRandom } from "../seeded-random";
import { newItem } from "./new-item";

type Expected = ReadonlyMap<Slot, { readonly key: string; readonly text: string }>;

function expectItems(memory: Pick<ItemMemory, "open"> | MemoryCut, expected: Expected): void {
  for (const [slot, { key, text }] of expected) {
    const item = memory.open(slot).toKeyValue();
    expect(item.key).toBe(key);
    expect(item.value).toEqual({ kind: "text", text });
  }
}

describe("an item memory", () => {
  test("knows every item, whatever comes, goes and moves, and so do cuts", () => {
    const seeds = seededRandom("item memory");
    for (let round = 0; round < 12; round++) {
      const { below, pick } = randomFrom(seeds.below(2 ** 31));
      const memory = new ItemMemory();
      const items = new Map<Slot, { key: string; text: string }>();
      const cuts: { cut: MemoryCut; items: Expected }[] = [];
      // Some are longer than the first chunks, and some than any.
      const lengths = pick([[20], [20, 3_000], [20, 900]]);
      for (let step = 0; step < 300; step++) {
        const [key, text] = [
          `key ${step}`,
          "x".repeat(step % 97 === 96 ? CHUNK_BYTES_MAX + 1 : below(pick(lengths))),
        ];
        const slot = items.size > 0 ? pick([...items.keys()]) : 0;
        const chance = below(10);
        if (items.size > 0 && chance < 5) {
          memory.replace(slot, newItem(key, text));
          items.set(slot, { key, text });
        } else if (items.size > 0 && chance < 7) {
          memory.remove(slot);
          items.delete(slot);
        } else {
          const added = memory.add(newItem(key, text));
          expect(items.has(added)).toBe(false);
          items.set(added, { key, text });
        }
        if (below(100) === 0) cuts.push({ cut: memory.cut(), items: new Map(items) });
        if (cuts.length > 0 && below(200) === 0) cuts.shift()?.cut.release();
      }
      expectItems(memory, items);
      for (const { cut, items } of cuts) expectItems(cut, items);
    }
  });

  test("takes what another one wrote, as it stands", () => {
    const [memory, other] = [new ItemMemory(), new ItemMemory()];
    const slot = other.add(newItem("ä", "€"));
    const fields = other.open(slot);
    const copied = memory.addWritten(fields);
    expect(memory.open(copied).toKeyValue()).toEqual(other.open(slot).toKeyValue());
  });

  test("takes a few KiB for a few items, and at most about twice what many are", () => {
    const memory = new ItemMemory();
    const slots = [memory.add(newItem("k", "v"))];
    expect(memory.byteLength).toBe(CHUNK_BYTES_MIN);
    const text = "x".repeat(980);
    for (let count = 1; count < 4_000; count++) slots.push(memory.add(newItem(`${count}`, text)));
    const { below } = seededRandom("item memory space");
    let largest = 0;
    for (let write = 0; write < 40_000; write++) {
      memory.replace(slots[below(slots.length)] ?? 0, newItem(`${write}`, text));
      largest = Math.max(largest, memory.byteLength);
    }
    expect(largest).toBeLessThan(2 * 4_000 * 1_000 + 2 * CHUNK_BYTES_MAX);
    for (const slot of slots) memory.remove(slot);
    // What is written to last is kept.
    expect(memory.byteLength).toBeLessThanOrEqual(CHUNK_BYTES_MAX);
  });

  test("lets go of what one key left behind, however long its values were", () => {
    const memory = new ItemMemory();
    memory.add(newItem("still", "here"));
    const slot = memory.add(newItem("hot", "1"));
    for (let write = 0; write < 20; write++) {
      memory.replace(slot, newItem("hot", "x".repeat(write % 2 === 0 ? 3 * CHUNK_BYTES_MAX : 10)));
    }
    expect(memory.byteLength).toBeLessThan(5 * CHUNK_BYTES_MAX);
    expect(memory.open(slot).toKeyValue().value).toEqual({ kind: "text", text: "x".repeat(10) });
  });

  test("leaves next to nothing behind for short items between long ones that come and go", () => {
    // Longer than a chunk; as long; and such that no two of them share one.
    for (const length of [2 * CHUNK_BYTES_MAX, CHUNK_BYTES_MAX - 100, 0.7 * CHUNK_BYTES_MAX]) {
      const memory = new ItemMemory();
      const long = newItem("long", "x".repeat(length));
      const slot = memory.add(long);
      const cut = memory.cut();
      const texts = Array.from({ length: 100 }, (_, at) => `${at} `.repeat(500));
      const slots = texts.map((text, at) => {
        memory.replace(slot, long);
        return memory.add(newItem(`short ${at}`, text));
      });
      expect(memory.byteLength).toBeLessThan(
        length + 2 * CHUNK_BYTES_MAX + 2 * texts.join("").length,
      );
      expectItems(
        memory,
        new Map(slots.map((short, at) => [short, { key: `short ${at}`, text: texts[at] ?? "" }])),
      );
      expect(cut.open(slot).key()).toBe("long");
      expect(memory.open(slot).key()).toBe("long");
    }
  });

  test("gives a slot away again, which a cut never sees", () => {
    const memory = new ItemMemory();
    const slot = memory.add(newItem("old", "1"));
    const cut = memory.cut();
    memory.remove(slot);
    expect(() => memory.open(slot)).toThrow("a slot that is in use has a place");
    expect(memory.add(newItem("new", "2"))).toBe(slot);
    memory.replace(slot, newItem("newer", "3"));
    expect(cut.open(slot).key()).toBe("old");
    expect(cut.heldPlaces).toBe(1);
    expect(memory.open(slot).key()).toBe("newer");
  });
});

describe("a cut of it", () => {
  test("writes items as they stood", () => {
    const memory = new ItemMemory();
    const slots = ["a", "ä", ""].map((key) => memory.add(newItem(key, `value of ${key}`)));
    const cut = memory.cut();
    for (const slot of slots) memory.replace(slot, newItem("other", "other"));
    const writer = new ByteWriter(8);
    for (const slot of slots) cut.write(writer, slot);
    const reader = new ByteReader(writer.take(), "sample");
    const keys = slots.map(() => new ItemFields().read(reader).key());
    expect(keys).toEqual(["a", "ä", ""]);
    expect(reader.isAtEnd).toBe(true);
  });

  test("is told nothing more after its release, and holds nothing", () => {
    const memory = new ItemMemory();
    const slot = memory.add(newItem("a", "1"));
    const cut = memory.cut();
    cut.release();
    memory.replace(slot, newItem("a", "2"));
    expect(cut.heldPlaces).toBe(0);
    const unchanged = memory.cut();
    unchanged.release();
    expect(() => unchanged.open(slot)).toThrow("a cut is read before it is released");
  });
});
