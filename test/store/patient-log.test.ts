/** A log that waits out a full disk: nothing it took is lost, nor called durable while it waits. */
import { describe, expect, test } from "bun:test";
import { AssertionError } from "../../src/assert";
import { FatalError } from "../../src/errors";
import { PatientLog } from "../../src/store/patient-log";
import { RESERVE_FILE } from "../../src/store/reserve";
import { type LogEntry, type LogIndex, logIndex, nodeId } from "../../src/types";
import { makeEntries, StoreRig } from "./store-rig";

/** More than the whole disk of a full rig with its reserve. */
const LONG = 3000;
const ALL = Number.POSITIVE_INFINITY;

const recordsOf = (entries: readonly LogEntry[]) => entries.map(({ record }) => record.slice());

class PatientRig extends StoreRig {
  readonly reports: [number, number][] = [];
  readonly store;
  readonly log;
  #generation = 0;

  constructor() {
    super();
    this.isDamaged = true;
    const onDurable = (index: LogIndex, generation: number) =>
      this.reports.push([index, generation]);
    this.store = this.open({ onDurable }).store;
    this.log = new PatientLog(this.store);
  }

  /** Appends new entries; a first index within the log makes a new generation. */
  bring(first: number, count: number, bytes = 40): readonly LogEntry[] {
    if (first <= this.log.lastIndex) this.#generation++;
    const entries = makeEntries(first, count, bytes);
    this.log.append(entries, { generation: this.#generation, commitIndex: logIndex(0) });
    return entries;
  }

  read(first: number, last: number, bytesMax = ALL): Uint8Array[] {
    return recordsOf(this.log.read(logIndex(first), logIndex(last), bytesMax));
  }

  /** What a restart finds. */
  reopened(): Uint8Array[] {
    this.clock.run();
    this.disk.crash(() => 0);
    return this.records(this.open({ onDurable: () => {} }));
  }
}

/** Three written, durable entries, a spent reserve, and two long entries that wait. */
function full() {
  const rig = new PatientRig();
  const written = rig.bring(1, 3);
  rig.clock.run();
  rig.leaveRoom(0);
  const waiting = rig.bring(4, 2, LONG);
  return { rig, written, waiting };
}

describe("with room", () => {
  test("is the log itself", () => {
    const rig = new PatientRig();
    const entries = rig.bring(1, 5);
    expect(rig.read(2, 4)).toEqual(recordsOf(entries.slice(1, 4)));
    rig.clock.run();
    const { log, store } = rig;
    expect([log.isFull, log.hasRoom]).toEqual([false, true]);
    expect([log.lastIndex, log.durableIndex]).toEqual([logIndex(5), logIndex(5)]);
    expect([log.bytesWritten, log.syncs]).toEqual([store.bytesWritten, store.syncs]);
    expect(rig.reports).toEqual([[5, 0]]);
  });

  test("spends the reserve before anything waits", () => {
    const rig = new PatientRig();
    rig.bring(1, 1);
    rig.leaveRoom(0);
    rig.bring(2, 1, 1200);
    expect(rig.disk.has(RESERVE_FILE)).toBe(false);
    expect([rig.log.isFull, rig.log.hasRoom]).toEqual([false, false]);
    expect(rig.reopened().length).toBe(2);
  });

  test("passes faults of the disk on, and its own store's refusals", () => {
    const rig = new PatientRig();
    rig.disk.readOnly = true;
    expect(() => rig.bring(1, 1)).toThrow(FatalError);
    expect(() => rig.log.restoreReserve()).toThrow(FatalError);
    const { log } = new PatientRig();
    const append = (entries: readonly LogEntry[]) => () =>
      log.append(entries, { generation: 0, commitIndex: logIndex(0) });
    expect(append([])).toThrow(AssertionError);
    expect(append(makeEntries(2, 1))).toThrow(AssertionError);
    expect(log.isFull).toBe(false);
  });
});

describe("on a full disk", () => {
  test("takes what there is no room for, and calls it not durable", () => {
    const { rig } = full();
    const { log } = rig;
    expect(rig.disk.has(RESERVE_FILE)).toBe(false);
    expect([log.isFull, log.hasRoom]).toEqual([true, false]);
    expect([log.lastIndex, log.durableIndex]).toEqual([logIndex(5), logIndex(3)]);
    rig.clock.run();
    expect(rig.reports).toEqual([[3, 0]]);
    expect(rig.fatal).toEqual([]);
  });

  test("a restart finds what was written, and nothing of what waited", () => {
    const { rig, written } = full();
    expect(rig.reopened()).toEqual(recordsOf(written));
  });

  test("what is brought meanwhile waits its turn, however short", () => {
    const { rig } = full();
    const short = rig.bring(6, 1);
    expect(Number(rig.store.lastIndex)).toBe(3);
    expect(Number(rig.log.lastIndex)).toBe(6);
    expect(rig.read(6, 6)).toEqual(recordsOf(short));
  });

  test("no gap is taken behind what waits", () => {
    const { rig } = full();
    expect(() => rig.bring(7, 1)).toThrow(AssertionError);
    expect(Number(rig.log.lastIndex)).toBe(5);
  });

  test("reads give what is written, what waits, and both in one", () => {
    const { rig, written, waiting } = full();
    const later = rig.bring(6, 2);
    const all = recordsOf([...written, ...waiting, ...later]);
    for (let first = 1; first <= 7; first++) {
      for (let last = first; last <= 7; last++) {
        expect(rig.read(first, last)).toEqual(all.slice(first - 1, last));
      }
    }
    expect(() => rig.read(1, 8)).toThrow(AssertionError);
    expect(() => rig.read(7, 8)).toThrow(AssertionError);
  });

  test("reads keep to their limit of bytes, but give at least one entry", () => {
    const { rig, written, waiting } = full();
    const short = written[0]?.record.length ?? 0;
    const long = waiting[0]?.record.length ?? 0;
    const count = (first: number, bytesMax: number) => rig.read(first, 5, bytesMax).length;
    for (const first of [1, 3, 4, 5]) expect(count(first, 0)).toBe(1);
    expect(count(1, 2 * short)).toBe(2);
    expect(count(1, 3 * short + long - 1)).toBe(3);
    expect(count(1, 3 * short + long)).toBe(4);
    expect(count(4, 2 * long - 1)).toBe(1);
    expect(count(4, 2 * long)).toBe(2);
  });

  test("votes are written all the same", () => {
    const { rig } = full();
    let votes = 0;
    const hardState = { term: rig.nextTerm, votedFor: nodeId(2) };
    rig.log.persistHardState(hardState, () => votes++);
    rig.clock.run();
    expect(votes).toBe(1);
    rig.disk.crash(() => 0);
    expect(rig.open({ onDurable: () => {} }).recovered.hardState).toEqual(hardState);
  });

  test("closing gives up what waits and keeps the rest", () => {
    const { rig, written } = full();
    let isClosed = false;
    rig.log.close(() => {
      isClosed = true;
    });
    rig.clock.run();
    expect(isClosed).toBe(true);
    expect(rig.reopened()).toEqual(recordsOf(written));
  });
});

describe("when a later leader's entries replace some", () => {
  test("among those that wait: they are read, and written in the end", () => {
    const { rig, written, waiting } = full();
    const replacement = rig.bring(5, 2);
    const expected = recordsOf([...written, ...waiting.slice(0, 1), ...replacement]);
    expect(rig.read(1, 6)).toEqual(expected);
    rig.disk.capacityBytes = ALL;
    rig.log.restoreReserve();
    rig.clock.run();
    expect(rig.reports).toEqual([
      [3, 0],
      [5, 0],
      [6, 1],
    ]);
    expect(rig.reopened()).toEqual(expected);
  });

  test("among those that are written: no longer durable, nor read, though still on disk", () => {
    const { rig, written } = full();
    const replacement = rig.bring(2, 1);
    const expected = recordsOf([...written.slice(0, 1), ...replacement]);
    expect([rig.log.lastIndex, rig.log.durableIndex]).toEqual([logIndex(2), logIndex(1)]);
    expect(rig.store.durableIndex).toBe(logIndex(3));
    expect(rig.read(1, 2)).toEqual(expected);
    expect(() => rig.read(1, 3)).toThrow(AssertionError);
    const later = rig.bring(3, 1);
    expect(rig.read(1, 3)).toEqual([...expected, ...recordsOf(later)]);
    rig.disk.capacityBytes = ALL;
    rig.log.restoreReserve();
    rig.clock.run();
    expect(rig.log.durableIndex).toBe(logIndex(3));
    expect(rig.reports.at(-1)).toEqual([3, 1]);
    expect(rig.reopened()).toEqual([...expected, ...recordsOf(later)]);
  });
});

describe("when room comes back", () => {
  test("writes what waits in its order, and only then wins the reserve back", () => {
    const { rig, written, waiting } = full();
    const short = rig.bring(6, 1);
    rig.log.restoreReserve();
    expect(rig.log.isFull).toBe(true);
    rig.disk.capacityBytes = ALL;
    rig.log.restoreReserve();
    expect([rig.log.isFull, rig.log.hasRoom]).toEqual([false, false]);
    expect(rig.reports).toEqual([[3, 0]]);
    rig.clock.run();
    expect([rig.log.isFull, rig.log.hasRoom]).toEqual([false, true]);
    expect(rig.log.durableIndex).toBe(logIndex(6));
    expect(rig.reports.at(-1)).toEqual([6, 0]);
    expect(rig.reopened()).toEqual(recordsOf([...written, ...waiting, ...short]));
  });

  test("for a part of it: that part is written, is durable, and the rest waits on", () => {
    const { rig, written, waiting } = full();
    rig.bring(6, 1, LONG);
    rig.leaveRoom(6000);
    rig.log.restoreReserve();
    rig.clock.run();
    expect(rig.log.isFull).toBe(true);
    expect([rig.log.durableIndex, rig.log.lastIndex]).toEqual([logIndex(5), logIndex(6)]);
    expect(rig.reports.at(-1)).toEqual([5, 0]);
    expect(rig.reopened()).toEqual(recordsOf([...written, ...waiting]));
  });

  test("while anything waits the reserve takes none of it", () => {
    const { rig } = full();
    const touched: string[] = [];
    rig.disk.onOperation = ({ name }) => {
      touched.push(name);
      return null;
    };
    rig.leaveRoom(2048);
    rig.log.restoreReserve();
    expect(rig.log.isFull).toBe(true);
    expect(touched.filter((name) => name.startsWith(RESERVE_FILE))).toEqual([]);
  });

  test("the next append finds it too", () => {
    const { rig, written, waiting } = full();
    rig.disk.capacityBytes = ALL;
    const later = rig.bring(6, 1);
    expect([rig.log.isFull, rig.log.hasRoom]).toEqual([false, false]);
    expect(rig.reopened()).toEqual(recordsOf([...written, ...waiting, ...later]));
  });
});

describe("what it hands on", () => {
  test("the repeated mark and the pardon reach the hard state", () => {
    const rig = new PatientRig();
    rig.bring(1, 4);
    rig.clock.run();
    rig.log.repeatMark();
    rig.clock.run();
    rig.disk.kill();
    const segment = rig.disk.list().find((name) => name.startsWith("log-")) ?? "";
    rig.disk.cut(segment, 200);
    const opened = rig.open({ onDurable: () => {} });
    expect(opened.recovered.forgottenUpTo).toBe(logIndex(4));
    new PatientLog(opened.store).clearForgotten();
    rig.clock.run();
    rig.disk.kill();
    expect(rig.open().recovered.forgottenUpTo).toBe(null);
  });
});
