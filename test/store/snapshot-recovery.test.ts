import { describe, expect, test } from "bun:test";
import { FatalError, StartupError } from "../../src/errors";
import { encodePreamble } from "../../src/store/preamble";
import { SNAPSHOT_FORMAT } from "../../src/store/snapshot-format";
import { clusterId, logIndex, nodeId, term } from "../../src/types";
import { randomFrom } from "../seeded-random";
import { about, foldOf, SnapshotRig, snapshotOf } from "./snapshot-rig";

/** A closed directory with snapshots of entries 10 and 20, and a log of 25 entries. */
function withTwo(): SnapshotRig {
  const rig = new SnapshotRig();
  rig.open();
  for (const count of [10, 10]) {
    rig.append(count);
    rig.takeSnapshot();
  }
  rig.append(5);
  rig.close();
  return rig;
}

const NEWEST = "snapshot-0000000000000020-0000000000000001.balsa";
const OLDER = "snapshot-0000000000000010-0000000000000001.balsa";
const indexes = ({ opened }: SnapshotRig) =>
  opened.snapshots.published.map(({ lastIndex }) => Number(lastIndex));

function fatalError(rig: SnapshotRig): FatalError {
  try {
    rig.open();
  } catch (error) {
    if (error instanceof FatalError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe("a restart", () => {
  test("begins with the newest snapshot and applies what the log holds behind it", () => {
    const rig = withTwo();
    const { projection, recovered } = rig.open();
    const expected = snapshotOf(foldOf(20)).info;
    expect(recovered.snapshot).toEqual({
      info: expected,
      configuration: about.configuration,
      timeMs: 1020,
    });
    expect(recovered.damagedSnapshots).toEqual([]);
    expect(recovered.base.index).toBeLessThanOrEqual(20);
    expect(projection.stateHash).toBe(foldOf(25).stateHash);
    expect(indexes(rig)).toEqual([20, 10]);
    expect(rig.opened.snapshots.published[0]).toEqual(expected);
    expect(rig.opened.snapshots.published[1]).toEqual(snapshotOf(foldOf(10)).info);
  });

  test("goes on to write and to publish", () => {
    const rig = withTwo();
    rig.open();
    rig.append(3);
    rig.takeSnapshot();
    expect(indexes(rig)).toEqual([28, 20]);
    rig.close();
    expect(rig.open().projection.stateHash).toBe(foldOf(28).stateHash);
  });

  test("of a store without any snapshot begins with none", () => {
    const rig = new SnapshotRig();
    rig.open();
    rig.append(7);
    rig.close();
    const { projection, recovered, snapshots } = rig.open();
    expect(recovered.snapshot).toBe(null);
    expect(snapshots.published).toEqual([]);
    expect(projection.stateHash).toBe(foldOf(7).stateHash);
  });

  test("removes what a crash left half written, and what should be gone", () => {
    const rig = withTwo();
    rig.open();
    rig.opened.snapshots.write(rig.opened.projection.cut(), about).writeSlice();
    rig.opened.snapshots.receive(snapshotOf(foldOf(50)).info).write(0, new Uint8Array(9));
    expect(rig.names.length).toBe(4);
    rig.disk.kill();
    const straggler = snapshotOf(foldOf(5)).bytes;
    const mount = rig.disk.mount(rig.clock);
    mount.open(OLDER.replace("10", "05"), { create: true }).write(0, straggler);
    rig.open();
    expect(rig.names).toEqual([OLDER, NEWEST]);
  });
});

describe("a damaged snapshot", () => {
  test("at any byte is set aside for the one before, and said so", () => {
    const size = withTwo().disk.file(NEWEST).size;
    for (let byte = 0; byte < size; byte += 23) {
      const rig = withTwo();
      rig.disk.flipBit(NEWEST, byte);
      const { projection, recovered } = rig.open();
      expect(recovered.snapshot?.info.lastIndex).toBe(logIndex(10));
      expect(recovered.damagedSnapshots.length).toBe(1);
      expect(recovered.damagedSnapshots[0]).toStartWith(`/simulated/${NEWEST}: damaged at byte`);
      expect(projection.stateHash).toBe(foldOf(25).stateHash);
      expect(rig.names).toEqual([OLDER, `${NEWEST}.damaged`]);
    }
  });

  test("at its end is noticed in an older one, too", () => {
    const rig = withTwo();
    rig.disk.cut(OLDER, rig.disk.file(OLDER).size - 1);
    const { recovered } = rig.open();
    expect(recovered.snapshot?.info.lastIndex).toBe(logIndex(20));
    expect(recovered.damagedSnapshots).toEqual([
      `/simulated/${OLDER}: damaged at its end (no last record)`,
    ]);
    expect(indexes(rig)).toEqual([20]);
  });

  test("is kept once: the next one takes its place", () => {
    const rig = withTwo();
    rig.disk.flipBit(NEWEST, 100);
    rig.open();
    rig.takeSnapshot();
    rig.close();
    const next = NEWEST.replace("20", "25");
    rig.disk.flipBit(next, 100);
    rig.open();
    expect(rig.names).toEqual([OLDER, `${next}.damaged`]);
  });

  test("stops the node where the log needs it, saying how to go on, and touches nothing", () => {
    const rig = withTwo();
    for (const name of [NEWEST, OLDER]) rig.disk.flipBit(name, 100);
    for (let start = 0; start < 2; start++) {
      const error = fatalError(rig);
      expect(error.code).toBe("snapshot_corrupted");
      for (const name of [NEWEST, OLDER]) {
        expect(error.message).toContain(`/simulated/${name}: damaged`);
      }
      expect(error.facts.nextStep).toContain("add it again");
      expect(rig.names).toEqual([OLDER, NEWEST]);
    }
    rig.disk.flipBit(OLDER, 100);
    expect(rig.open().projection.stateHash).toBe(foldOf(25).stateHash);
  });

  test("is not needed where the log is whole", () => {
    const rig = new SnapshotRig();
    rig.open();
    rig.append(10);
    rig.write().publish();
    rig.close();
    rig.disk.flipBit(OLDER, 100);
    const { projection, recovered } = rig.open();
    expect(recovered.snapshot).toBe(null);
    expect(recovered.damagedSnapshots.length).toBe(1);
    expect(projection.stateHash).toBe(foldOf(10).stateHash);
  });

  test("is also one of another cluster; one of a later version is left alone", () => {
    const rig = withTwo();
    const file = rig.disk.file(NEWEST);
    file.write(0, snapshotOf(foldOf(20), { clusterId: clusterId("d") }).bytes);
    expect(rig.open().recovered.damagedSnapshots[0]).toContain("it belongs to cluster d, not to c");
    rig.close();
    const older = rig.disk.file(OLDER);
    older.write(0, encodePreamble({ ...SNAPSHOT_FORMAT, version: 2 }));
    expect(() => rig.open()).toThrow(StartupError);
    expect(rig.names).toContain(OLDER);
  });
});

describe("the power fails at every single operation", () => {
  /** Opens what the failure left, twice, and holds it against the fold of the same entries. */
  function expectWhole(rig: SnapshotRig): void {
    rig.disk.onOperation = () => null;
    for (let start = 0; start < 2; start++) {
      const { projection, recovered } = rig.open();
      expect(recovered.damagedSnapshots).toEqual([]);
      expect(recovered.forgottenUpTo).toBe(null);
      expect(projection.appliedIndex).toBeGreaterThanOrEqual(rig.durableIndex);
      expect(projection.stateHash).toBe(foldOf(projection.appliedIndex).stateHash);
      expect(rig.names.every((name) => name.endsWith(".balsa"))).toBe(true);
      rig.append(1);
      rig.close();
    }
  }

  /** Lets a script die at each of its operations in turn, and the power fail with it. */
  function failEverywhere(script: (rig: SnapshotRig) => void): void {
    for (let operation = 0; ; operation++) {
      for (const seed of [1, 2]) {
        const rig = new SnapshotRig();
        rig.dieAt(operation);
        const isOver = rig.survives(() => script(rig));
        rig.disk.crash(randomFrom(operation * 10 + seed).random);
        expectWhole(rig);
        if (!isOver) continue;
        expect(operation).toBeGreaterThan(40);
        return;
      }
    }
  }

  test("of snapshots written, published and removed, with the log cut behind them", () => {
    failEverywhere((rig) => {
      rig.open();
      rig.append(8);
      rig.takeSnapshot();
      rig.append(8);
      rig.takeSnapshot();
      rig.append(30);
      rig.takeSnapshot();
      rig.append(2);
      rig.close();
    });
  });

  test("of a snapshot that is received and installed, with the log begun anew behind it", () => {
    const { bytes, info } = snapshotOf(foldOf(60));
    failEverywhere((rig) => {
      const { projection, snapshots, store } = rig.open();
      rig.append(8);
      rig.takeSnapshot();
      rig.append(3);
      const receiving = snapshots.receive(info);
      for (let offset = 0; offset < bytes.length; offset += 300) {
        receiving.write(offset, bytes.subarray(offset, offset + 300));
      }
      receiving.sync(() => {});
      rig.clock.run();
      let loaded = receiving.loadSlice();
      while (loaded === null) loaded = receiving.loadSlice();
      receiving.publish();
      store.reset({ index: info.lastIndex, term: term(info.lastTerm) });
      projection.adopt(loaded.state);
      rig.append(4);
      rig.takeSnapshot();
      rig.close();
    });
  });
});

test("the directory of another node is refused before any snapshot is looked at", () => {
  const rig = withTwo();
  rig.disk.flipBit(NEWEST, 100);
  expect(() => rig.open({ nodeId: nodeId(2) })).toThrow(StartupError);
  expect(rig.names).toEqual([OLDER, NEWEST]);
});
