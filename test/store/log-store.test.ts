import { describe, expect, test } from "bun:test";
import { AssertionError } from "../../src/assert";
import { decodeEntries } from "../../src/codec/entries";
import { type LogEntry, logIndex } from "../../src/types";
import { makeEntries, StoreRig, tinyLimits } from "./store-rig";

const none = { generation: 0, commitIndex: logIndex(0) };
const recordsOf = (entries: readonly LogEntry[]) => entries.map((entry) => entry.record);

/** A store whose reports of durability are written down. */
function reporting() {
  const rig = new StoreRig();
  const reports: [number, number][] = [];
  const onDurable = (lastIndex: number, generation: number) =>
    reports.push([lastIndex, generation]);
  const { store } = rig.open({ onDurable });
  return { rig, store, reports };
}

describe("appending", () => {
  test("begins empty", () => {
    const { recovered, store } = new StoreRig().open();
    expect(recovered).toMatchObject({ entries: [], commitIndex: 0, forgottenUpTo: null });
    expect([store.lastIndex, store.durableIndex]).toEqual([logIndex(0), logIndex(0)]);
  });

  test("writes at once, and is durable only after the sync", () => {
    const { rig, store, reports } = reporting();
    store.append(makeEntries(1, 3), none);
    expect([store.lastIndex, store.durableIndex]).toEqual([logIndex(3), logIndex(0)]);
    expect(reports).toEqual([]);
    rig.clock.step();
    expect(reports).toEqual([[3, 0]]);
    expect(store.durableIndex).toBe(logIndex(3));
  });

  test("shares the next sync among all that was appended while one was under way", () => {
    const { rig, store, reports } = reporting();
    const before = store.syncs;
    for (const first of [1, 2, 3, 4]) store.append(makeEntries(first, 1), none);
    rig.clock.step();
    expect(reports).toEqual([[1, 0]]);
    store.append(makeEntries(5, 1), none);
    rig.clock.run();
    expect(reports.map(([index]) => index)).toEqual([1, 4, 5]);
    expect(store.syncs - before).toBe(3);
  });

  test("has begun the next sync when a completion is reported", () => {
    const rig = new StoreRig();
    const { store } = rig.open({
      onDurable: () => {
        if (store.lastIndex === 2) store.append(makeEntries(3, 1), none);
      },
    });
    store.append(makeEntries(1, 1), none);
    store.append(makeEntries(2, 1), none);
    rig.clock.step();
    rig.clock.step();
    expect(store.durableIndex).toBe(logIndex(2));
    rig.clock.run();
    expect(store.durableIndex).toBe(logIndex(3));
  });

  test("a truncation meanwhile: the late completion bears the old generation, then the new", () => {
    const { rig, store, reports } = reporting();
    store.append(makeEntries(1, 5), none);
    store.append(makeEntries(3, 2), { ...none, generation: 1 });
    expect([store.lastIndex, store.durableIndex]).toEqual([logIndex(4), logIndex(0)]);
    rig.clock.step();
    expect(reports).toEqual([[5, 0]]);
    expect(store.durableIndex).toBe(logIndex(2));
    rig.clock.run();
    expect(reports).toEqual([
      [5, 0],
      [4, 1],
    ]);
    expect(store.durableIndex).toBe(logIndex(4));
  });

  test("a truncation lowers what is durable at once", () => {
    const { rig, store } = reporting();
    store.append(makeEntries(1, 5), none);
    rig.clock.run();
    store.append(makeEntries(2, 1), { ...none, generation: 1 });
    expect(store.durableIndex).toBe(logIndex(1));
  });

  test("refuses gaps and the replacement of what is committed", () => {
    const { store } = reporting();
    const append = (entries: readonly LogEntry[]) => () => store.append(entries, none);
    store.append(makeEntries(1, 3), { generation: 0, commitIndex: logIndex(2) });
    expect(append([])).toThrow(AssertionError);
    expect(append(makeEntries(5, 1))).toThrow(AssertionError);
    expect(append([...makeEntries(4, 1), ...makeEntries(6, 1)])).toThrow(AssertionError);
    expect(append(makeEntries(2, 1))).toThrow(AssertionError);
    expect(store.lastIndex).toBe(logIndex(3));
  });

  test("counts its bytes", () => {
    const { store } = reporting();
    const entries = makeEntries(1, 2);
    store.append(entries, none);
    const records = recordsOf(entries).reduce((sum, record) => sum + record.length, 0);
    expect(store.bytesWritten).toBeGreaterThanOrEqual(records);
  });
});

describe("segments", () => {
  test("roll at their limit, and a batch longer than it gets one alone", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    for (let batch = 0; batch < 20; batch++) rig.append(opened, 1, { bytes: 1000 });
    rig.append(opened, 1, { bytes: 20_000 });
    rig.append(opened, 1);
    const segments = rig.disk.list().filter((name) => name.startsWith("log-"));
    expect(segments.length).toBe(9);
    for (const name of segments) {
      const isLong = name.endsWith("0021.balsa");
      const sizeMax = isLong ? 25_000 : (tinyLimits.segmentBytesMax ?? 0);
      expect(rig.disk.file(name).size).toBeLessThanOrEqual(sizeMax);
    }
    rig.clock.run();
    rig.close(opened);
    expect(rig.open().store.lastIndex).toBe(logIndex(22));
  });

  test("grow in steps: most appends overwrite zeros and leave the length alone", () => {
    const { rig, store } = reporting();
    store.append(makeEntries(1, 1), none);
    const segment = rig.disk.file(rig.disk.list().find((name) => name.startsWith("log-")) ?? "");
    const sizes = new Set<number>();
    for (let index = 2; index <= 20; index++) {
      store.append(makeEntries(index, 1), none);
      sizes.add(segment.size);
    }
    expect(sizes.size).toBeLessThanOrEqual(4);
  });

  test("are numbered as written, so a truncation across them replays in order", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    for (let batch = 0; batch < 12; batch++) rig.append(opened, 1, { bytes: 900 });
    for (const first of [3, 4, 5, 2]) rig.append(opened, 1, { first, bytes: 1500 });
    rig.append(opened, 1);
    rig.close(opened);
    expect(rig.open().store.lastIndex).toBe(logIndex(3));
  });
});

describe("reading", () => {
  test("gives the same bytes from memory, from disk and from both", () => {
    const { rig, store } = reporting();
    const entries = [10, 500, 40, 3000, 1, 700, 20].flatMap((bytes, place) =>
      makeEntries(place * 10 + 1, 10, bytes),
    );
    for (let at = 0; at < entries.length; at += 5) store.append(entries.slice(at, at + 5), none);
    rig.clock.run();
    for (const [first, last] of [
      [1, 70],
      [1, 1],
      [29, 42],
      [68, 70],
      [70, 70],
    ] as const) {
      const read = store.read(logIndex(first), logIndex(last), Number.POSITIVE_INFINITY);
      expect(recordsOf(read)).toEqual(recordsOf(entries.slice(first - 1, last)));
      expect(decodeEntries(Buffer.concat(recordsOf(read))).length).toBe(last - first + 1);
    }
  });

  test("keeps to its limit of bytes, but gives at least one entry", () => {
    const { store } = reporting();
    const entries = makeEntries(1, 100, 400);
    const length = entries[0]?.record.length ?? 0;
    store.append(entries, none);
    const count = (first: number, bytesMax: number) =>
      store.read(logIndex(first), logIndex(100), bytesMax).length;
    for (const first of [1, 50, 95]) {
      expect(count(first, 0)).toBe(1);
      expect(count(first, length)).toBe(1);
      expect(count(first, 2 * length - 1)).toBe(1);
      expect(count(first, 2 * length)).toBe(2);
    }
    expect(count(1, 99 * length)).toBe(99);
  });

  test("after a truncation gives the new entries, cached or not", () => {
    const { store } = reporting();
    store.append(makeEntries(1, 50, 300), none);
    const replacement = makeEntries(20, 15, 300);
    store.append(replacement, { ...none, generation: 1 });
    const read = store.read(logIndex(20), logIndex(34), Number.POSITIVE_INFINITY);
    expect(recordsOf(read)).toEqual(recordsOf(replacement));
  });

  test("refuses ranges outside of the log", () => {
    const { store } = reporting();
    store.append(makeEntries(1, 2), none);
    const read = (first: number, last: number) => () =>
      store.read(logIndex(first), logIndex(last), 1);
    expect(read(0, 1)).toThrow(AssertionError);
    expect(read(2, 1)).toThrow(AssertionError);
    expect(read(1, 3)).toThrow(AssertionError);
  });

  test("does not hold on to the chunk that entries arrived in", () => {
    const { store } = reporting();
    const chunk = new Uint8Array(100_000);
    const [entry] = makeEntries(1, 1);
    chunk.set(entry?.record ?? [], 500);
    const arrived = decodeEntries(chunk.subarray(500, 500 + (entry?.record.length ?? 0)));
    store.append(arrived, none);
    const [cached] = store.read(logIndex(1), logIndex(1), 1);
    expect(cached?.record).toEqual(entry?.record ?? new Uint8Array(0));
    expect(cached?.record.buffer.byteLength).toBeLessThan(1000);
  });

  test("stops the node when a record has rotted meanwhile", () => {
    const { rig, store } = reporting();
    store.append(makeEntries(1, 20, 400), none);
    const segment = rig.disk.list().find((name) => name.startsWith("log-")) ?? "";
    rig.disk.flipBit(segment, 200);
    expect(() => store.read(logIndex(1), logIndex(1), 1)).toThrow(
      /the record at byte 96 is damaged/,
    );
    expect(rig.fatal.map(({ code }) => code)).toEqual(["log_corrupted"]);
  });
});

describe("closing", () => {
  test("waits for what was written, then lets the next process in", () => {
    const { rig, store, reports } = reporting();
    store.append(makeEntries(1, 2), none);
    store.append(makeEntries(3, 2), none);
    let votes = 0;
    store.persistHardState({ term: rig.nextTerm, votedFor: null }, () => votes++);
    let closed = false;
    store.close(() => {
      closed = true;
      expect(reports.at(-1)).toEqual([4, 0]);
      expect(votes).toBe(1);
    });
    expect(closed).toBe(false);
    expect(() => rig.open()).toThrow("held by a running process");
    rig.clock.run();
  });
});
