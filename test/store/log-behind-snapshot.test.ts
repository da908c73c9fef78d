/** Recovery of a log that a snapshot stands before: does it go on from it, or is it no use? */
import { describe, expect, test } from "bun:test";
import { type LogIndex, logIndex, term } from "../../src/types";
import { CutLogRig } from "./cut-log-rig";
import { refusal } from "./damaged-log";

const snapshot = (lastIndex: number, lastTerm = 1) => ({
  lastIndex: logIndex(lastIndex),
  lastTerm: term(lastTerm),
});

/** Entries 11…30 are left, in two segments; the process is gone, nothing is unsynced. */
function cutAtTen(): CutLogRig {
  const rig = CutLogRig.threeSegments();
  rig.compact(10);
  rig.compact(25);
  rig.close();
  return rig;
}

const indexes = (entries: readonly { readonly index: LogIndex }[]) => {
  const numbers = entries.map(({ index }) => Number(index));
  return [numbers[0], numbers.at(-1)];
};

describe("a log behind a snapshot", () => {
  test("goes on from it: its first entry is the base where both hold that", () => {
    const { log, trimmed, forgottenUpTo } = cutAtTen().recover(snapshot(25));
    expect(log.base).toEqual(snapshotBase(11));
    expect(indexes(log.entries)).toEqual([12, 30]);
    expect([trimmed, forgottenUpTo, Number(log.commitIndex)]).toEqual([null, null, 25]);
  });

  test("that touches it has the snapshot's last entry as its base", () => {
    const { log } = cutAtTen().recover(snapshot(10));
    expect(log.base).toEqual(snapshotBase(10));
    expect(indexes(log.entries)).toEqual([11, 30]);
  });

  test("that is whole needs none, and has base 0 with one", () => {
    for (const found of [null, snapshot(20)]) {
      const rig = CutLogRig.threeSegments();
      rig.close();
      const { log } = rig.recover(found);
      expect(Number(log.base.index)).toBe(0);
      expect(indexes(log.entries)).toEqual([1, 30]);
    }
  });

  test.each([
    ["none", null],
    ["one that ends too early", snapshot(9)],
  ])("is refused with %s, and nothing is touched", (_, found) => {
    const rig = cutAtTen();
    const before = rig.disk.list();
    expect(rig.reachesBackTo).toBe(10);
    const error = refusal(() => rig.recover(found));
    expect(error.code).toBe("log_corrupted");
    expect(error.message).toContain("the log begins behind entry 10");
    expect(error.facts.nextStep).toContain("add it again with an empty one");
    expect(rig.disk.list()).toEqual(before);
  });

  test("is refused where the head of its only segment is damaged: it was whole once", () => {
    const rig = CutLogRig.threeSegments();
    rig.compact(20);
    rig.compact(25);
    rig.close();
    rig.disk.cut(rig.segmentNames[0] ?? "", 30);
    expect(rig.reachesBackTo).toBe(0);
    expect(refusal(() => rig.recover(snapshot(25))).code).toBe("log_corrupted");
    expect(rig.segmentNames.length).toBe(1);
  });

  test("is refused where a segment follows other entries than those before it", () => {
    const rig = cutAtTen();
    const [first = "", second = ""] = rig.segmentNames;
    const donor = CutLogRig.threeSegments();
    donor.append(3);
    donor.close();
    const file = donor.disk.file(donor.segmentNames[1] ?? "");
    rig.disk.file(second).write(0, file.read(0, 48));
    const error = refusal(() => rig.recover(snapshot(25)));
    expect(error.message).toContain("the segment follows batch 1 and entry 10");
    expect(rig.segmentNames).toEqual([first, second]);
  });

  test("forgets nothing that the snapshot stands for", () => {
    const lost = (found: number) => {
      const rig = cutAtTen();
      rig.disk.lose(rig.segmentNames[1] ?? "");
      return rig.recover(snapshot(found));
    };
    expect(Number(lost(29).forgottenUpTo)).toBe(30);
    expect(lost(30).forgottenUpTo).toBe(null);
  });

  test.each([
    ["is lost", (rig: CutLogRig, name: string) => rig.disk.lose(name)],
    // Within the last batch, whose first entries survive.
    ["is cut off", (rig: CutLogRig, name: string) => rig.disk.cut(name, 300)],
  ])("whose end %s says so at every start, until the store has written it down", (_, spoil) => {
    const rig = cutAtTen();
    spoil(rig, rig.segmentNames[1] ?? "");
    for (const _ of [1, 2, 3]) {
      const { forgottenUpTo, log } = rig.recover(snapshot(25));
      expect([forgottenUpTo, log.lastIndex].map(Number)).toEqual([30, 25]);
    }
  });
});

const snapshotBase = (index: number) => ({ index: logIndex(index), term: term(1) });

describe("a log that is no use behind the snapshot", () => {
  test.each([
    ["ends before it", snapshot(31)],
    ["has another entry in its place", snapshot(25, 2)],
    ["has another entry in its last place", snapshot(30, 2)],
  ])("starts anew, durably: it %s", (_, found) => {
    const rig = cutAtTen();
    const { log } = rig.recover(found);
    expect(log.base).toEqual({ index: found.lastIndex, term: found.lastTerm });
    expect([log.entries.length, Number(log.lastIndex)]).toEqual([0, Number(found.lastIndex)]);
    expect(rig.segmentNames.length).toBe(1);
    rig.disk.crash(() => 0);
    const again = rig.recover(found);
    expect([again.log.base, again.forgottenUpTo]).toEqual([log.base, null]);
    expect(rig.segmentNames.length).toBe(1);
  });

  test("starts anew where there is none at all", () => {
    const rig = new CutLogRig();
    expect(Number(rig.recover(snapshot(7)).log.lastIndex)).toBe(7);
    expect(rig.segmentNames).toEqual(["log-00000001-0000000000000008.balsa"]);
    expect(rig.reachesBackTo).toBe(7);
  });
});

describe("segments that a crash brought back", () => {
  /** The three segments, some of them lost: a crash keeps any part of a cut. */
  function without(...lost: readonly number[]): CutLogRig {
    const rig = CutLogRig.threeSegments();
    rig.store.roll();
    rig.append(10);
    rig.close();
    const names = rig.segmentNames;
    for (const place of lost) rig.disk.lose(names[place] ?? "");
    return rig;
  }

  test.each([
    [[1], 2],
    [[0, 1], 2],
    [[1, 2], 1],
    [[0, 2], 1],
  ])("are removed where one behind them is missing: %p", (lost, kept) => {
    const rig = without(...lost);
    const { log } = rig.recover(snapshot(35));
    expect([rig.segmentNames.length, Number(log.lastIndex)]).toEqual([kept, 40]);
    rig.disk.crash(() => 0);
    expect(rig.segmentNames.length).toBe(kept);
  });

  test("are removed too where only the last of the rest reaches back to the snapshot", () => {
    const rig = CutLogRig.threeSegments();
    rig.append(1, { first: 12 });
    rig.store.roll();
    rig.append(10);
    rig.close();
    rig.disk.lose(rig.segmentNames[1] ?? "");
    // The third segment was created when the log ended with entry 20, the fourth with entry 12.
    expect(rig.reachesBackTo).toBe(12);
    const { log } = rig.recover(snapshot(19, 2));
    expect(log.base).toEqual({ index: logIndex(13), term: term(2) });
    expect(indexes(log.entries)).toEqual([14, 22]);
    expect(rig.segmentNames.length).toBe(1);
  });

  test("in front of one that starts anew are no part of the log, whatever their number", () => {
    const rig = CutLogRig.threeSegments();
    const old = rig.segmentNames.map((name) => [name, rig.disk.file(name)] as const);
    rig.install(50);
    rig.append(2);
    rig.close();
    const files = rig.disk.mount(rig.clock);
    for (const [name, file] of old) {
      files.open(name, { create: true }).write(0, file.read(0, file.size));
    }
    expect(rig.reachesBackTo).toBe(50);
    const { log } = rig.recover(snapshot(50, 2));
    expect(indexes(log.entries)).toEqual([51, 52]);
    expect(rig.segmentNames.length).toBe(1);
  });
});
