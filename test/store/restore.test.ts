import { describe, expect, test } from "bun:test";
import { StartupError } from "../../src/errors";

import type { StoreOptions } from "../../src/store/open-store";
import { RESTORE_STEP } from "../../src/store/restore";
import { clusterId, diskId, logIndex } from "../../src/types";
import { randomFrom } from "../seeded-random";
import { AppliedLog } from "./applied-log";
import { foldOf, itemsOf, SnapshotRig, snapshotOf, sourceOf } from "./snapshot-rig";
import { founders } from "./store-rig";

const backup = snapshotOf(foldOf(30), { clusterId: clusterId("old") });
const restoredClusterId = (checksum: number) => clusterId(`c from ${checksum}`);
const options: Partial<StoreOptions> = {
  clusterId: clusterId("c"),
  restoredClusterId,
  restoreFrom: sourceOf(backup.bytes),
};

function startupError(rig: SnapshotRig, changed: Partial<StoreOptions> = {}): StartupError {
  try {
    rig.open({ ...options, ...changed });
  } catch (error) {
    if (error instanceof StartupError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe("a directory that is founded from a backup", () => {
  test("holds the same keys, with revisions and positions far above the old ones", () => {
    const rig = new SnapshotRig(options);
    const { identity, projection, recovered } = rig.open();
    const old = foldOf(30);
    expect(itemsOf(projection)).toEqual(itemsOf(old));
    expect(RESTORE_STEP).toBe(1_000_000_000);
    expect(projection.revision).toBe((old.revision + RESTORE_STEP) as typeof old.revision);
    expect(projection.appliedIndex).toBe(logIndex(30 + RESTORE_STEP));
    expect(identity).toMatchObject({
      clusterId: restoredClusterId(backup.info.checksum),
      restoredFrom: backup.info.checksum,
      founders,
    });
    expect(recovered).toMatchObject({
      hardState: { term: 1, votedFor: null },
      base: { index: 30 + RESTORE_STEP, term: 1 },
      entries: [],
      forgottenUpTo: null,
      damagedSnapshots: [],
      snapshot: { configuration: { index: 0, configuration: founders }, timeMs: old.lastTimeMs },
    });
  });

  test("is the same on every founder, and goes on alike", () => {
    const rigs = [1, 2].map(
      (place) => new SnapshotRig({ ...options, drawDiskId: () => diskId(`d${place}`) }),
    );
    const hashes = rigs.map((rig) => {
      rig.open();
      rig.append(5);
      rig.close();
      return rig.open().projection.stateHash;
    });
    expect(new Set(hashes).size).toBe(1);
    expect(rigs[0]?.opened.store.lastIndex).toBe(logIndex(35 + RESTORE_STEP));
    expect(rigs[0]?.opened.snapshots.published).toEqual(rigs[1]?.opened.snapshots.published ?? []);
  });

  test("remembers no answer of the old cluster", () => {
    const rig = new SnapshotRig(options);
    const { projection } = rig.open();
    expect(projection.cut().answerCount).toBe(0);
    const log = new AppliedLog(projection);
    log.lastIndex = projection.appliedIndex;
    const retried = log.set("retried", "1", { idempotencyKey: "retry 3" });
    expect(retried).toMatchObject({ kind: "set", index: 31 + RESTORE_STEP });
    expect(foldOf(30).cut().answerCount).toBeGreaterThan(0);
  });

  test("is found again at each later start, with --restore or without", () => {
    const rig = new SnapshotRig(options);
    const first = rig.open();
    rig.append(3);
    rig.close();
    for (const restoreFrom of [null, sourceOf(backup.bytes)]) {
      const later = rig.open({ restoreFrom });
      expect(later.identity).toEqual({
        ...first.identity,
        incarnation: later.identity.incarnation,
      });
      expect(later.projection.appliedIndex).toBe(logIndex(33 + RESTORE_STEP));
      rig.close();
    }
    const wrong = startupError(rig, { restoredClusterId: () => clusterId("another token") });
    expect(wrong.code).toBe("wrong_cluster");
    rig.open({ clusterId: null, founders: null, restoreFrom: null });
  });

  test("can be backed up and restored in its turn", () => {
    const rig = new SnapshotRig(options);
    const again = snapshotOf(rig.open().projection);
    const next = new SnapshotRig({ ...options, restoreFrom: sourceOf(again.bytes) }).open();
    expect(next.projection.appliedIndex).toBe(logIndex(30 + 2 * RESTORE_STEP));
    expect(itemsOf(next.projection)).toEqual(itemsOf(foldOf(30)));
  });
});

describe("a later start that names", () => {
  const appliedIndex = logIndex(33 + RESTORE_STEP);
  const restored = () => {
    const rig = new SnapshotRig(options);
    rig.open();
    rig.append(3);
    rig.close();
    return rig;
  };

  test("another backup is refused, and nothing is spoiled", () => {
    const rig = restored();
    const other = snapshotOf(foldOf(31), { clusterId: clusterId("old") });
    expect(startupError(rig, { restoreFrom: sourceOf(other.bytes) })).toMatchObject({
      code: "wrong_cluster",
      message: expect.stringContaining("founded from another backup than sample"),
    });
    expect(rig.open().projection.appliedIndex).toBe(appliedIndex);
  });

  test("a backup that is gone or emptied since goes on without it", () => {
    const gone = () => {
      throw new StartupError("data_unreadable", "--restore sample cannot be read: ENOENT");
    };
    for (const restoreFrom of [
      { path: "sample", size: gone, read: gone },
      sourceOf(new Uint8Array(0)),
    ]) {
      expect(restored().open({ restoreFrom }).projection.appliedIndex).toBe(appliedIndex);
    }
  });
});

describe("a backup is refused", () => {
  test("when it is damaged, and the directory stays empty", () => {
    const rig = new SnapshotRig();
    for (const bytes of [
      backup.bytes.subarray(1),
      backup.bytes.subarray(0, -1),
      new Uint8Array(0),
    ]) {
      const error = startupError(rig, { restoreFrom: sourceOf(bytes) });
      expect(error.code).toBe("data_unreadable");
      expect(error.message).toContain("sample: damaged at byte");
      expect(error.message).toContain("--restore");
    }
    expect(rig.open(options).projection.appliedIndex).toBe(logIndex(30 + RESTORE_STEP));
  });

  test("by a directory that holds a cluster's data already", () => {
    const rig = new SnapshotRig();
    rig.open();
    rig.append(1);
    rig.close();
    expect(startupError(rig)).toMatchObject({
      code: "bad_flag",
      message: expect.stringContaining("needs an empty --data directory"),
    });
    expect(rig.open().projection.stateHash).toBe(foldOf(1).stateHash);
  });
});

test("the power may fail at every operation: a restore is done again, or was done", () => {
  for (let operation = 0, isOver = false; !isOver; operation++) {
    const rig = new SnapshotRig(options);
    rig.dieAt(operation);
    isOver = rig.survives(() => rig.open());
    if (isOver) expect(operation).toBeGreaterThan(15);
    rig.disk.crash(randomFrom(operation).random);
    rig.disk.onOperation = () => null;
    const { identity, projection } = rig.open();
    expect(identity.restoredFrom).toBe(backup.info.checksum);
    expect(projection.appliedIndex).toBe(logIndex(30 + RESTORE_STEP));
    expect(itemsOf(projection)).toEqual(itemsOf(foldOf(30)));
    expect(rig.names.length).toBe(1);
  }
});

test("a restore that was cut short leaves nothing for a start without it", () => {
  for (let operation = 0; operation < 20; operation++) {
    const rig = new SnapshotRig(options);
    rig.dieAt(operation);
    if (rig.survives(() => rig.open())) return;
    rig.disk.crash(randomFrom(operation).random);
    rig.disk.onOperation = () => null;
    const { identity, projection } = rig.open({ restoreFrom: null });
    if (identity.restoredFrom !== null) continue;
    expect(projection.size).toBe(0);
    expect(rig.names).toEqual([]);
  }
});
