import { describe, expect, test } from "bun:test";
import { KvProjection } from "../../src/store/kv-projection";
import type { StateCut } from "../../src/store/state-cut";
import { randomFrom, seededRandom } from "../seeded-random";
import { AppliedLog } from "./applied-log";
import { foldOf, itemsOf } from "./snapshot-rig";

/** What a cut must go on saying. */
function witnessOf(kv: KvProjection) {
  const { appliedIndex, appliedTerm, lastTimeMs, revision, size, stateHash } = kv;
  return { appliedIndex, appliedTerm, lastTimeMs, revision, size, stateHash, items: itemsOf(kv) };
}

function readCut(cut: StateCut): ReturnType<typeof witnessOf> {
  return {
    appliedIndex: cut.lastIndex,
    appliedTerm: cut.lastTerm,
    lastTimeMs: cut.timeMs,
    revision: cut.revision,
    size: cut.keyCount,
    stateHash: cut.stateHash,
    items: [...cut.items()],
  };
}

describe("a cut", () => {
  test("shows the state of its moment, whatever is written between any two items", () => {
    const random = seededRandom("state cut");
    for (let round = 0; round < 20; round++) {
      const { below, pick } = randomFrom(random.below(2 ** 31));
      const kv = new KvProjection();
      const log = new AppliedLog(kv);
      const write = () => {
        const key = `${below(40)}`;
        if (below(3) === 0) log.delete(key);
        else log.set(key, `${below(1000)}`);
      };
      for (let count = below(100); count > 0; count--) write();
      const cuts: { cut: StateCut; seen: unknown[]; left: Iterator<unknown>; all: unknown[] }[] =
        [];
      for (let step = 0; step < 200; step++) {
        write();
        if (below(20) === 0) {
          const cut = kv.cut();
          cuts.push({ cut, seen: [], left: cut.items(), all: witnessOf(kv).items as unknown[] });
        }
        if (cuts.length === 0) continue;
        const { left, seen } = pick(cuts);
        const next = left.next();
        if (!next.done) seen.push(next.value);
      }
      for (const { all, cut, left, seen } of cuts) {
        for (let next = left.next(); !next.done; next = left.next()) seen.push(next.value);
        expect(seen).toEqual(all);
        expect([...cut.items()]).toEqual(all as never[]);
      }
    }
  });

  test("of more keys than are gathered at once, each of which changes or goes meanwhile", () => {
    const kv = new KvProjection();
    const log = new AppliedLog(kv);
    for (let key = 0; key < 1_000; key++) log.set(`${key}`, "old");
    const all = itemsOf(kv);
    const cut = kv.cut();
    const seen: unknown[] = [];
    for (const item of cut.items()) {
      seen.push(item);
      const key = 999 - seen.length;
      if (key % 3 === 0) log.delete(`${key}`);
      else log.set(`${key}`, "new");
      log.set(`new ${key}`, "new");
    }
    expect(seen).toEqual(all as never[]);
  });

  test("of any size says what the state was", () => {
    for (const count of [0, 1, 50]) {
      const kv = foldOf(count);
      const before = witnessOf(kv);
      const cut = kv.cut();
      foldOf(count + 60, kv);
      expect(readCut(cut)).toEqual(before);
      expect(kv.stateHash).toBe(foldOf(count + 60).stateHash);
    }
  });

  test("keeps the answers that were remembered, though they are let go meanwhile", () => {
    const kv = new KvProjection({ ageMsMin: 0, newerKeysMin: 1, evictionsPerEntryMax: 4 });
    const log = new AppliedLog(kv);
    const remember = (name: string) => {
      log.timeMs += 10;
      log.set("a", "1", { idempotencyKey: name });
    };
    remember("one");
    remember("two");
    const cut = kv.cut();
    const keys = () => Array.from(cut.answers(), ({ key }) => key);
    for (const name of ["three", "four", "five"]) remember(name);
    expect(cut.answerCount).toBe(2);
    expect(keys()).toEqual(["one", "two"]);
    expect(Array.from(new KvProjection().cut().answers())).toEqual([]);
  });

  test("puts aside only what changes, once, and nothing after its release", () => {
    const kv = new KvProjection();
    const log = new AppliedLog(kv);
    for (const key of ["a", "b", "c"]) log.set(key, "old");
    const cut = kv.cut();
    expect(cut.heldItems).toBe(0);
    log.set("a", "new");
    log.set("a", "newer");
    log.delete("b");
    log.set("b", "again");
    log.set("d", "new");
    log.set("d", "newer");
    expect(cut.heldItems).toBe(2);
    cut.release();
    log.set("c", "new");
    expect(cut.heldItems).toBe(0);
    expect(() => [...cut.items()]).toThrow("a cut is read before it is released");
  });
});

describe("a state that is taken over", () => {
  test("is all of it, and folds on like the one it was", () => {
    const kv = foldOf(5);
    const other = foldOf(40);
    kv.adopt(other);
    expect(witnessOf(kv)).toEqual(witnessOf(foldOf(40)));
    expect(witnessOf(other)).toEqual(witnessOf(new KvProjection()));
    expect(witnessOf(foldOf(70, kv))).toEqual(witnessOf(foldOf(70)));
  });

  test("leaves cuts with the state they were taken of", () => {
    const [kv, other] = [foldOf(20), foldOf(40)];
    const [cut, cutOfOther] = [kv.cut(), other.cut()];
    kv.adopt(other);
    foldOf(80, kv);
    expect(readCut(cut)).toEqual(witnessOf(foldOf(20)));
    expect(readCut(cutOfOther)).toEqual(witnessOf(foldOf(40)));
  });
});
