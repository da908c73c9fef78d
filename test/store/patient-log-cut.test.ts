/** A log that waits out a full disk, behind a snapshot. */
import { expect, test } from "bun:test";
import { AssertionError } from "../../src/assert";
import { PatientLog } from "../../src/store/patient-log";
import { logIndex, term } from "../../src/types";
import { CutLogRig } from "./cut-log-rig";
import { makeEntries } from "./store-rig";

/** Thirty durable entries, and two more that the disk has no room for. */
function full() {
  const rig = CutLogRig.threeSegments();
  const log = new PatientLog(rig.store);
  rig.disk.capacityBytes = rig.disk.usedBytes;
  const waiting = makeEntries(31, 2, 5000);
  log.append(waiting, { generation: 0, commitIndex: logIndex(0) });
  expect(log.isFull).toBe(true);
  return { rig, log, waiting };
}

const numbers = ({ baseIndex, durableIndex, lastIndex }: PatientLog) =>
  [baseIndex, durableIndex, lastIndex].map(Number);

test("a reset drops what waits, and waits for nothing behind it", () => {
  const { rig, log } = full();
  rig.disk.capacityBytes += 1000;
  log.reset({ index: logIndex(50), term: term(2) });
  expect([log.isFull, ...numbers(log)]).toEqual([false, 50, 50, 50]);
  const entries = makeEntries(51, 1);
  log.append(entries, { generation: 1, commitIndex: logIndex(50) });
  expect(numbers(log)).toEqual([50, 50, 51]);
  expect(log.read(logIndex(51), logIndex(51), 1)[0]?.record).toEqual(entries[0]?.record);
});

test("a reset that was prepared finds room on a full disk; one that cannot be says so", () => {
  const { rig, log } = full();
  expect(log.prepareReset()).toBe(false);
  rig.disk.capacityBytes += 200;
  expect(log.prepareReset()).toBe(true);
  rig.disk.capacityBytes = rig.disk.usedBytes;
  log.reset({ index: logIndex(50), term: term(2) });
  expect(numbers(log)).toEqual([50, 50, 50]);
  expect(rig.disk.list().filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a cut takes what is written, while the rest waits on", () => {
  const { log, waiting } = full();
  log.cut(logIndex(20));
  expect([log.isFull, ...numbers(log)]).toEqual([true, 20, 30, 32]);
  expect(() => log.read(logIndex(20), logIndex(32), 1)).toThrow(AssertionError);
  expect(log.read(logIndex(31), logIndex(32), 1)[0]).toBe(waiting[0]);
});

test("a roll asked for meanwhile is not forgotten", () => {
  const { rig, log } = full();
  log.roll();
  rig.disk.capacityBytes = Number.POSITIVE_INFINITY;
  log.restoreReserve();
  expect(log.isFull).toBe(false);
  expect(rig.segmentNames.at(-1)).toBe("log-00000004-0000000000000031.balsa");
});
