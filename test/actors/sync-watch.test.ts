import { describe, expect, test } from "bun:test";
import { defaultLimits } from "../../src/actors/limits";
import { SyncWatch, type SyncWatchOptions } from "../../src/actors/sync-watch";
import { VirtualClock } from "./links/virtual-clock";

/** A disk that is watched, and the lines that were told of it. */
function watching(change: Partial<SyncWatchOptions["limits"]> = {}) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const limits = { ...defaultLimits, ...change };
  const watch = new SyncWatch({
    clock,
    limits,
    logger: (level, message) => told.push(`${level}: ${message}`),
  });
  /** So many syncs, far enough from each other that each is a sample. */
  const sync = (count: number, ms: number) => {
    for (let done = 0; done < count; done += 1) {
      const ended = watch.began();
      clock.advance(ms);
      ended();
      clock.advance(limits.syncSampleMs);
    }
  };
  return { clock, told, watch, sync };
}

describe("a disk", () => {
  test("that becomes slow is told once, with what a sync takes, and when that is over", () => {
    const { sync, told, watch } = watching({ slowSyncsToTell: 5, quickSyncsToTell: 20 });
    sync(100, 9);
    expect([told, watch.slowMs]).toEqual([[], null]);
    sync(4, 30);
    expect(told).toEqual([]);
    sync(1, 21);
    expect([told, watch.slowMs]).toEqual([["warn: the disk is slow: syncs take 21 ms"], 21]);
    sync(100, 25);
    sync(19, 1);
    expect(told).toHaveLength(1);
    sync(1, 1);
    expect(told.slice(1)).toEqual(["info: the disk is quick again"]);
    expect(watch.slowMs).toBeNull();
  });

  test("that is slow now and then is not told; nor is a slow one, quick now and then", () => {
    const { sync, told } = watching({ slowSyncsToTell: 5, quickSyncsToTell: 20 });
    for (let round = 0; round < 50; round += 1) {
      sync(4, 50);
      sync(1, 1);
    }
    expect(told).toEqual([]);
    sync(5, 50);
    for (let round = 0; round < 50; round += 1) {
      sync(19, 1);
      sync(1, 50);
    }
    expect(told).toEqual(["warn: the disk is slow: syncs take 50 ms"]);
  });

  test("is not blamed for a loop that was busy when the sync was done", () => {
    const { clock, told, watch } = watching({ slowSyncsToTell: 1 });
    for (let turn = 0; turn < 100; turn += 1) {
      const ended = watch.began();
      // The timer is due by the end of this turn; in the next one the completion is there.
      clock.defer(() => clock.defer(ended));
      clock.advance(200);
    }
    expect(told).toEqual([]);
  });

  test("is looked at once in syncSampleMs, whatever it has to do", () => {
    const { clock, watch } = watching({ syncSampleMs: 100 });
    const samples: number[] = [];
    for (let sync = 0; sync < 1_000; sync += 1) {
      const ended = watch.began();
      if (clock.pending > 0) samples.push(clock.nowMs());
      ended();
      clock.advance(1);
    }
    expect(samples).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });

  test("of which two syncs are under way is judged by the first alone", () => {
    const { clock, told, watch } = watching({ slowSyncsToTell: 1, syncSampleMs: 1 });
    const first = watch.began();
    clock.advance(5);
    const second = watch.began();
    first();
    clock.advance(100);
    second();
    expect(told).toEqual([]);
  });

  test("of which nothing is heard any more is not called slow for ever", () => {
    const { clock, sync, told, watch } = watching({ slowSyncsToTell: 1, syncMemoryMs: 10_000 });
    sync(1, 30);
    sync(1, 500);
    expect(watch.slowMs).toBe(500);
    clock.advance(9_000);
    expect(watch.slowMs).toBe(500);
    clock.advance(2_000);
    expect(watch.slowMs).toBeNull();
    sync(1, 40);
    expect(watch.slowMs).toBe(40);
    expect(told).toEqual(["warn: the disk is slow: syncs take 30 ms"]);
  });

  test("is left alone when the node stops", () => {
    const { clock, watch } = watching();
    watch.began();
    expect(clock.pending).toBe(1);
    watch.stop();
    expect(clock.pending).toBe(0);
  });

  test("is slow by default from 10 ms on, told within a second", () => {
    const { quickSyncsToTell, slowSyncMs, slowSyncsToTell, syncSampleMs } = defaultLimits;
    expect([slowSyncMs, syncSampleMs, slowSyncsToTell, quickSyncsToTell]).toEqual([10, 100, 5, 20]);
    expect(defaultLimits.syncMemoryMs).toBe(10_000);
  });
});
