/** A state built of a snapshot's parts: in one go for its reader, in moments for the loop. */
import { describe, expect, test } from "bun:test";
import { KvProjection } from "../../src/store/kv-projection";
import { SnapshotLoader } from "../../src/store/snapshot-loader";
import { RUN_KEYS } from "../../src/store/state-builder";
import { AppliedLog } from "./applied-log";
import { itemsOf, snapshotOf, sourceOf } from "./snapshot-rig";

const keyOf = (at: number) => `key-${String(at).padStart(7, "0")}`;

/** `count` keys, set in an order that is not theirs. */
function filled(count: number): KvProjection {
  const projection = new KvProjection();
  const log = new AppliedLog(projection);
  for (let at = 0; at < count; at++) log.set(keyOf((at * 7919) % count), `${at}`);
  return projection;
}

/** The state that a snapshot of `projection` loads to, and how long each slice took, in ms. */
function loaded(bytes: Uint8Array): { state: KvProjection; slicesMs: readonly number[] } {
  const makeProjection = () => new KvProjection();
  const loader = new SnapshotLoader({ file: sourceOf(bytes), expected: {}, makeProjection });
  const slicesMs: number[] = [];
  for (;;) {
    const startMs = performance.now();
    const whole = loader.step();
    slicesMs.push(performance.now() - startMs);
    if (whole) return { state: whole.state, slicesMs };
  }
}

describe("the order of the keys", () => {
  test.each([0, 1, RUN_KEYS - 1, RUN_KEYS, RUN_KEYS + 1, 2 * RUN_KEYS + 17])(
    "of %d keys is whole, and goes on as one that grew",
    (count) => {
      const grown = filled(count);
      const { state } = loaded(snapshotOf(grown, {}, 4096).bytes);
      expect(itemsOf(state)).toEqual(itemsOf(grown));
      // At both ends and on the borders of what entered the tree at once.
      const places = [0, RUN_KEYS - 1, RUN_KEYS, 2 * RUN_KEYS, count - 1];
      const log = new AppliedLog(grown, state);
      log.lastIndex = grown.appliedIndex;
      for (const at of places) log.delete(keyOf(Math.max(0, at)));
      for (const at of places) log.set(`${keyOf(Math.max(0, at))}+`, "new");
      expect(itemsOf(state)).toEqual(itemsOf(grown));
      expect(state.stateHash).toBe(grown.stateHash);
    },
  );
});

test("the last slice has no more to do than the others, however many keys there are", () => {
  const { bytes } = snapshotOf(filled(6 * RUN_KEYS), {}, 64 * 1024);
  // The best of three, for other work may come between.
  const shares = [1, 2, 3].map(() => {
    const { slicesMs } = loaded(bytes);
    const wholeMs = slicesMs.reduce((sum, ms) => sum + ms, 0);
    return (slicesMs.at(-1) ?? 0) / wholeMs;
  });
  // All keys at once would be a fifteenth.
  expect(Math.min(...shares)).toBeLessThan(0.01);
});
