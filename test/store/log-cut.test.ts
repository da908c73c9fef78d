/** A log behind a snapshot: rolled, cut, replaced, and found again. */
import { describe, expect, test } from "bun:test";
import { AssertionError } from "../../src/assert";
import { FatalError } from "../../src/errors";
import { HardStateFile } from "../../src/store/hard-state";
import type { File, FileSystem } from "../../src/store/ports";
import { Positions } from "../../src/store/positions";
import { RESERVE_FILE } from "../../src/store/reserve";
import { logIndex, term } from "../../src/types";
import { CutLogRig } from "./cut-log-rig";

const { threeSegments } = CutLogRig;
const firstNamed = (rig: CutLogRig) => rig.segmentNames.map((name) => Number(name.slice(-22, -6)));

describe("roll", () => {
  test("lets the next batch begin a segment, and no later one", () => {
    const rig = threeSegments();
    expect(firstNamed(rig)).toEqual([1, 11, 21]);
    rig.append(10);
    expect(rig.segmentNames.length).toBe(3);
  });

  test("asked twice, or of an empty segment, makes one", () => {
    const rig = threeSegments();
    rig.store.roll();
    rig.store.roll();
    rig.append(1, { bytes: 1000 });
    rig.close();
    expect(firstNamed(rig)).toEqual([1, 11, 21, 31]);
  });

  test("leaves a segment that is less than half full of its preallocation", () => {
    const rig = new CutLogRig({ segmentBytesMax: 100_000, preallocateBytes: 4096 });
    rig.open();
    rig.append(1, { bytes: 1000 });
    rig.store.roll();
    rig.append(1, { bytes: 1000 });
    expect(rig.segmentNames.length).toBe(1);
    rig.store.roll();
    rig.append(1);
    expect(firstNamed(rig)).toEqual([1, 3]);
  });
});

describe("cut", () => {
  test("removes the segments that hold nothing behind the base, durably", () => {
    const rig = threeSegments();
    rig.compact(20);
    expect(rig.segmentNames.length).toBe(3);
    rig.compact(25);
    expect(firstNamed(rig)).toEqual([21]);
    rig.disk.crash(() => 0);
    expect(firstNamed(rig)).toEqual([21]);
    expect(Number(rig.open().log.base.index)).toBe(21);
  });

  test("keeps a segment that holds one entry more, and never goes back", () => {
    const rig = threeSegments();
    rig.store.cut(logIndex(19));
    expect(firstNamed(rig)).toEqual([11, 21]);
    rig.store.cut(logIndex(12));
    expect(Number(rig.store.baseIndex)).toBe(19);
    rig.expectReadable();
  });

  test("keeps what a truncation has replaced until the base has passed that too", () => {
    const rig = threeSegments();
    rig.append(1, { first: 5 });
    rig.clock.run();
    rig.store.cut(logIndex(5));
    // Were they gone and the last batch lost, nobody knew where the log went on.
    expect(firstNamed(rig)).toEqual([1, 11, 21]);
  });

  test("of everything leaves the newest segment, and the log goes on behind it", () => {
    const rig = threeSegments();
    rig.compact(29);
    rig.compact(30);
    rig.store.cut(logIndex(30));
    expect(firstNamed(rig)).toEqual([21]);
    expect([rig.store.baseIndex, rig.store.lastIndex]).toEqual([logIndex(30), logIndex(30)]);
    rig.append(2);
    rig.close();
    const { log } = rig.open();
    expect(log.base).toEqual({ index: logIndex(21), term: term(1) });
    expect(log.entries.map(({ index }) => Number(index)).slice(-2)).toEqual([31, 32]);
  });

  test("what is cut off can be read no more, and what is not durable cannot be cut off", () => {
    const rig = threeSegments();
    rig.store.cut(logIndex(20));
    expect(() => rig.store.read(logIndex(20), logIndex(21), 1)).toThrow(AssertionError);
    expect(rig.store.read(logIndex(21), logIndex(21), 1).length).toBe(1);
    rig.append(1);
    expect(() => rig.store.cut(logIndex(31))).toThrow(AssertionError);
  });

  test("lets the memory of positions go", () => {
    const positions = new Positions();
    for (let index = 100_001; index <= 140_000; index++) positions.set(logIndex(index), 7, index);
    const before = positions.chunkCount;
    positions.cut(logIndex(130_000));
    expect([before, positions.chunkCount]).toEqual([40, 11]);
    expect(positions.get(logIndex(130_001))).toEqual({ segment: 7, offset: 130_001 });
    expect(() => positions.get(logIndex(100_001))).toThrow(AssertionError);
    positions.clear();
    expect(positions.chunkCount).toBe(0);
  });

  test("and a reset do so in a store", () => {
    const rig = new CutLogRig({ segmentBytesMax: 10_000_000 });
    const { positions } = rig.open().log;
    rig.append(20_000, { bytes: 4 });
    expect(positions.chunkCount).toBe(20);
    rig.clock.run();
    rig.store.cut(logIndex(17_000));
    expect(positions.chunkCount).toBe(4);
    rig.install(30_000);
    expect(positions.chunkCount).toBe(0);
  });

  test.each([
    ["remove", "write_failed"],
    ["syncDirectory", "fsync_failed"],
  ] as const)("stops the node when the disk refuses to %s: %s", (kind, code) => {
    const rig = threeSegments();
    rig.disk.onOperation = (operation) => (operation.kind === kind ? { kind: "ioError" } : null);
    expect(() => rig.store.cut(logIndex(20))).toThrow(FatalError);
    expect(rig.fatal.map((error) => error.code)).toEqual([code]);
    expect(() => rig.append(1)).toThrow(FatalError);
  });
});

describe("reset", () => {
  test("is durable when it returns, and the log goes on behind it", () => {
    const rig = threeSegments();
    rig.install(100);
    const { baseIndex, lastIndex, durableIndex } = rig.store;
    expect([baseIndex, lastIndex, durableIndex].map(Number)).toEqual([100, 100, 100]);
    rig.disk.crash(() => 0);
    expect(firstNamed(rig)).toEqual([101]);
    const { log } = rig.open();
    expect(log.base).toEqual({ index: logIndex(100), term: term(2) });
    rig.append(3);
    rig.expectReadable();
    rig.close();
    expect(rig.open().log.entries.length).toBe(3);
  });

  test("to a lower index forgets what conflicts, without asking for it at the next start", () => {
    const rig = threeSegments();
    rig.install(7);
    expect(Number(rig.store.lastIndex)).toBe(7);
    rig.disk.crash(() => 0);
    const { forgottenUpTo, log } = rig.open();
    expect([forgottenUpTo, Number(log.lastIndex)]).toEqual([null, 7]);
    rig.append(2);
    rig.clock.run();
    rig.expectReadable();
  });

  test("of an empty log needs no segment before it", () => {
    const rig = new CutLogRig();
    rig.open();
    rig.install(9);
    rig.append(1);
    rig.close();
    expect(Number(rig.open().log.lastIndex)).toBe(10);
  });

  test("nothing is heard of a sync under way, whose file stays open for it", () => {
    const rig = new CutLogRig();
    const opened: string[] = [];
    const count = (fileSystem: FileSystem) => countOpen(fileSystem, opened);
    rig.openDamaged(count);
    rig.append(2);
    rig.append(2);
    const [old = ""] = rig.segmentNames;
    rig.install(9);
    rig.disk.onOperation = ({ kind, name }) =>
      kind === "sync" && name === old ? { kind: "ioError" } : null;
    expect(rig.disk.list()).not.toContain(old);
    expect(opened).toContain(old);
    // The rig would not know of a completion of what is gone.
    rig.clock.run();
    expect(opened).not.toContain(old);
    expect([Number(rig.store.durableIndex), rig.fatal]).toEqual([9, []]);
  });

  test("notes where the log ends now beside the hard state", () => {
    const rig = threeSegments();
    rig.install(7);
    rig.clock.run();
    rig.disk.crash(() => 0);
    const files = rig.disk.mount(rig.clock);
    const { slot } = HardStateFile.open(files, () => expect.unreachable());
    expect(Number(slot.mark.index)).toBe(7);
  });

  test("drops a roll that was asked for, and may replace what it left itself", () => {
    const rig = threeSegments();
    rig.store.roll();
    rig.install(50);
    rig.append(1);
    rig.append(1);
    expect(firstNamed(rig)).toEqual([51]);
    rig.install(60);
    expect(firstNamed(rig)).toEqual([61]);
    rig.close();
    expect(Number(rig.open().log.lastIndex)).toBe(60);
  });

  test("takes the room of the reserve; without any it stops the node", () => {
    const rig = threeSegments();
    rig.disk.capacityBytes = rig.disk.usedBytes;
    rig.install(50);
    expect(rig.disk.list()).not.toContain(RESERVE_FILE);
    rig.disk.capacityBytes = rig.disk.usedBytes;
    expect(() => rig.install(60)).toThrow(FatalError);
    expect(rig.fatal.map(({ code }) => code)).toEqual(["write_failed"]);
    rig.disk.kill();
    rig.disk.capacityBytes = Number.POSITIVE_INFINITY;
    expect(Number(rig.open().log.lastIndex)).toBe(60);
  });
});

/** Keeps the names of the files that are open. */
function countOpen(fileSystem: FileSystem, opened: string[]): FileSystem {
  return new Proxy(fileSystem, {
    get(target, property) {
      if (property !== "open") return Reflect.get(target, property).bind(target);
      return (name: string, options: { create: boolean }): File => {
        const file = target.open(name, options);
        opened.push(name);
        const close = () => {
          opened.splice(opened.indexOf(name), 1);
        };
        return Object.assign(file, { close });
      };
    },
  });
}
