/** The witness must know better than the store, or no invariant can catch a store that lies. */
import { describe, expect, test } from "bun:test";
import { encodeEntry } from "../../src/codec/entries";
import { SimulatedDisk } from "../../src/simulation/disk";
import { chainOf, LogWitness } from "../../src/simulation/log-witness";
import type { PatientLogStore } from "../../src/store/ports";
import { type LogEntry, logIndex, term } from "../../src/types";

const entry = (index: number, inTerm: number, timeMs = 0): LogEntry =>
  encodeEntry({ kind: "noop" }, { index: logIndex(index), term: term(inTerm), timeMs });

/** A log whose every append writes to a segment of its own, without telling anybody. */
function watched() {
  const disk = new SimulatedDisk();
  const files = disk.mount({ setTimeout: () => null });
  const segment = files.open("log-1", { create: true });
  files.syncDirectory();
  const witness = new LogWitness(disk, []);
  const store = {
    append: () => segment.write(segment.size(), new Uint8Array(10)),
  } as unknown as PatientLogStore;
  const inner = witness.watchDisk(store);
  const replaced: number[] = [];
  const log = witness.watchNode(inner as PatientLogStore, (_, count) => replaced.push(count));
  const append = (...entries: readonly LogEntry[]) =>
    log.append(entries, { generation: 0, commitIndex: logIndex(0) });
  return { disk, segment, witness, append, replaced };
}

describe("the witness of a log", () => {
  test("believes in what the disk has carried over, not in what was written", () => {
    const { append, segment, witness } = watched();
    append(entry(1, 1), entry(2, 1));
    expect([witness.lastIndex, witness.durableIndex]).toEqual([logIndex(2), logIndex(0)]);
    segment.dataSync();
    append(entry(3, 1));
    expect(witness.durableIndex).toBe(logIndex(2));
  });

  test("what replaces a tail is durable only when its own bytes are", () => {
    const { append, replaced, segment, witness } = watched();
    append(entry(1, 1), entry(2, 1), entry(3, 1));
    segment.dataSync();
    append(entry(2, 2), entry(3, 2));
    expect(replaced).toEqual([0, 2]);
    expect(witness.durableIndex).toBe(logIndex(1));
    segment.dataSync();
    expect(witness.durableIndex).toBe(logIndex(3));
    expect(witness.termAt(logIndex(3))).toBe(term(2));
  });

  test("nothing is durable after a sync has failed, whatever later ones say", () => {
    const { append, disk, segment, witness } = watched();
    append(entry(1, 1));
    disk.onOperation = () => ({ kind: "ioError" });
    expect(() => segment.dataSync()).toThrow();
    disk.onOperation = () => null;
    segment.dataSync();
    expect(witness.durableIndex).toBe(logIndex(0));
  });

  test("the dead keep what they had", () => {
    const { append, segment, witness } = watched();
    append(entry(1, 1));
    witness.freeze();
    segment.dataSync();
    expect(witness.durableIndex).toBe(logIndex(0));
  });

  test("chains tell logs apart from the first difference on", () => {
    const [a, b] = [watched(), watched()];
    a.append(entry(1, 1), entry(2, 1), entry(3, 1));
    b.append(entry(1, 1), entry(2, 1, 99), entry(3, 1));
    const same = [0, 1, 2, 3].map(
      (index) => a.witness.chainAt(logIndex(index)) === b.witness.chainAt(logIndex(index)),
    );
    expect(same).toEqual([true, true, false, false]);
    expect(a.witness.chainAt(logIndex(4))).toBe(undefined);
  });
});

describe("the witness of a log behind a snapshot", () => {
  const committed = new Map([10, 11, 12, 13].map((index) => [index, index * 7]));
  const chainOfCommitted = (index: number) => (index === 0 ? 0 : committed.get(index));
  const base = { index: logIndex(10), term: term(3) };

  function behindSnapshot(reset = () => {}) {
    const disk = new SimulatedDisk();
    const witness = new LogWitness(disk, [entry(11, 3)], base, chainOfCommitted);
    const store = { append: () => {}, reset } as unknown as PatientLogStore;
    const log = witness.watchNode(store, () => {});
    const append = (...entries: readonly LogEntry[]) =>
      log.append(entries, { generation: 0, commitIndex: logIndex(0) });
    return { witness, append, log };
  }

  test("knows the terms from the base on, and of what lies before it the committed chain", () => {
    const { witness } = behindSnapshot();
    expect([witness.lastIndex, witness.durableIndex].map(Number)).toEqual([11, 11]);
    expect([9, 10, 11, 12].map((index) => Number(witness.termAt(logIndex(index))))).toEqual([
      0, 3, 3, 0,
    ]);
    expect(witness.chainAt(logIndex(10))).toBe(70);
    expect(witness.chainAt(logIndex(11))).toBe(chainOf(70, entry(11, 3)));
  });

  test("truncates behind the base", () => {
    const { append, witness } = behindSnapshot();
    append(entry(12, 3), entry(13, 3));
    append(entry(11, 4));
    expect([witness.lastIndex, witness.durableIndex].map(Number)).toEqual([11, 10]);
    expect(witness.chainAt(logIndex(11))).toBe(chainOf(70, entry(11, 4)));
  });

  test("follows the log to a newer snapshot, which is durable at once", () => {
    const { append, log, witness } = behindSnapshot();
    append(entry(12, 3));
    log.reset({ index: logIndex(13), term: term(5) });
    expect([witness.lastIndex, witness.durableIndex].map(Number)).toEqual([13, 13]);
    expect(witness.chainAt(logIndex(13))).toBe(91);
    expect(Number(witness.termAt(logIndex(13)))).toBe(5);
    append(entry(14, 5));
    expect(witness.chainAt(logIndex(14))).toBe(chainOf(91, entry(14, 5)));
  });

  test("of a node that dies meanwhile believes only what log and snapshot share", () => {
    const { log, witness } = behindSnapshot(() => {
      throw new Error("died");
    });
    expect(() => log.reset({ index: logIndex(13), term: term(5) })).toThrow("died");
    // Entry 11 is not the committed one: the snapshot may have replaced it, or not yet.
    expect([witness.durableIndex, witness.lastIndex].map(Number)).toEqual([10, 11]);
  });
});
