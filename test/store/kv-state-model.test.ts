/** The whole state in memory beside a `Map`: it grows, empties, moves, is copied and restored. */
import { expect, test } from "bun:test";
import { compareKeys } from "../../src/store/key-order";
import { KvProjection } from "../../src/store/kv-projection";
import { loadSnapshot } from "../../src/store/snapshot-loader";
import type { StateCut } from "../../src/store/state-cut";
import type { KeyValue } from "../../src/types";
import { randomFrom, type SeededRandom, seededRandom } from "../seeded-random";
import { AppliedLog } from "./applied-log";
import { itemsOf, snapshotOf, sourceOf } from "./snapshot-rig";

type Model = Map<string, string>;

const ROUNDS = 3;
const STEPS = 6_000;
/** Between growing and shrinking. */
const TIDE_STEPS = 1_500;
const BLOCK_BYTES = 4_096;

/** What is written or compared in a way of its own: marks, bounds of UTF-8, lengths, surrogates. */
const ODD_KEYS = [
  ...["", "\u0000", "\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000"],
  ...["\ufeff", "\ufeffa", "\ufffd", "\uffff", "\u{10000}", "\u{10ffff}", "é", "e\u0301"],
  ...["a".repeat(48), "a".repeat(49), "a".repeat(63), "a".repeat(64), "a".repeat(1_024)],
  ...["é".repeat(32), `${"a".repeat(63)}é`, "😀".repeat(256)],
];

/** Mostly short; now and then as long as a chunk of memory, or longer. */
function randomText({ below }: SeededRandom, step: number): string {
  if (below(300) === 0) return "x".repeat(below(300_000));
  return below(20) === 0 ? "ü".repeat(below(3_000)) : `${step}`;
}

const plain = (items: readonly KeyValue[]) =>
  items.map(({ key, value }) => [key, value.kind === "text" ? value.text : value.kind]);
const sorted = (model: Model) => [...model].sort(([one], [other]) => compareKeys(one, other));

function expectState(kv: KvProjection, model: Model): void {
  expect(kv.size).toBe(model.size);
  const items = itemsOf(kv);
  expect(plain(items)).toEqual(sorted(model));
  for (const item of items) expect(kv.get(item.key)).toEqual(item);
}

/** The same state, by way of a snapshot. */
function restored(kv: KvProjection): KvProjection {
  const { bytes } = snapshotOf(kv, {}, BLOCK_BYTES);
  const makeProjection = () => new KvProjection();
  return loadSnapshot({ file: sourceOf(bytes), expected: {}, makeProjection }).state;
}

test("whatever comes and goes, it holds what a map holds, and so does every cut of it", () => {
  const seeds = seededRandom("state beside a map");
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomFrom(seeds.below(2 ** 31));
    const { below, pick } = random;
    const kv = new KvProjection();
    const log = new AppliedLog(kv);
    const model: Model = new Map();
    const cuts: { cut: StateCut; items: ReturnType<typeof sorted> }[] = [];
    const range = [40, 400, 4_000][round] ?? 0;
    for (let step = 0; step < STEPS; step++) {
      const key = below(6) === 0 ? pick(ODD_KEYS) : `key ${below(range)}`;
      expect(kv.get(key) !== undefined).toBe(model.has(key));
      const isEbb = Math.floor(step / TIDE_STEPS) % 2 === 1;
      if (below(10) < (isEbb ? 7 : 2)) {
        expect(log.delete(key)).toMatchObject({ deleted: model.delete(key) });
      } else {
        const text = randomText(random, step);
        log.set(key, text);
        model.set(key, text);
      }
      if (below(600) === 0) cuts.push({ cut: kv.cut(), items: sorted(model) });
      if (below(2_000) === 0) kv.adopt(restored(kv));
    }
    expectState(kv, model);
    const copy = restored(kv);
    expectState(copy, model);
    expect(copy.stateHash).toBe(kv.stateHash);
    for (const { cut, items } of cuts) expect(plain([...cut.items()])).toEqual(items);
  }
});
