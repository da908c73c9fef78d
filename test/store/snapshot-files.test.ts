import { describe, expect, test } from "bun:test";
import { KvProjection } from "../../src/store/kv-projection";
import { NoSpaceError, SnapshotDamagedError } from "../../src/store/ports";
import { RESERVE_FILE } from "../../src/store/reserve";
import { clusterId, type SnapshotInfo } from "../../src/types";
import { about, foldOf, itemsOf, SnapshotRig, snapshotOf } from "./snapshot-rig";

/** A rig whose store is open and holds so many entries. */
function rigWith(entries: number, options?: ConstructorParameters<typeof SnapshotRig>[0]) {
  const rig = new SnapshotRig(options);
  rig.open();
  if (entries > 0) rig.append(entries);
  return rig;
}

/** Receives all of a snapshot in chunks and syncs it. */
function receive(rig: SnapshotRig, bytes: Uint8Array, info: SnapshotInfo, chunk = 100) {
  const receiving = rig.opened.snapshots.receive(info);
  for (let offset = 0; offset < bytes.length; offset += chunk) {
    receiving.write(offset, bytes.subarray(offset, offset + chunk));
  }
  receiving.sync(() => {});
  rig.clock.run();
  return receiving;
}

function load(receiving: ReturnType<typeof receive>) {
  for (;;) {
    const loaded = receiving.loadSlice();
    if (loaded !== null) return loaded;
  }
}

describe("a snapshot that is written", () => {
  test("holds the state as it was when it was cut, and is found under its name", () => {
    const rig = rigWith(30);
    const { projection, snapshots } = rig.opened;
    const expected = snapshotOf(foldOf(30));
    const writing = snapshots.write(projection.cut(), about);
    rig.append(5);
    for (let slices = 0; !writing.writeSlice(); slices++) if (slices % 2 === 0) rig.append(1);
    expect(writing.byteLength).toBe(expected.info.byteLength);
    let isSynced = false;
    writing.sync(() => {
      isSynced = true;
    });
    expect(isSynced).toBe(false);
    rig.clock.run();
    expect(isSynced).toBe(true);
    expect(snapshots.published).toEqual([]);
    expect(writing.publish()).toEqual(expected.info);
    expect(snapshots.published).toEqual([expected.info]);
    expect(rig.names).toEqual(["snapshot-0000000000000030-0000000000000001.balsa"]);
    expect(snapshots.read(expected.info, 0, 1e6)).toEqual(expected.bytes);
    expect(snapshots.read(expected.info, 40, 10)).toEqual(expected.bytes.subarray(40, 50));
    expect(rig.fatal).toEqual([]);
  });

  test("creates no file before its first slice, and leaves none when it is abandoned", () => {
    const rig = rigWith(30);
    const { projection, snapshots } = rig.opened;
    for (const slices of [0, 1, 3]) {
      const cut = projection.cut();
      const writing = snapshots.write(cut, about);
      expect(rig.names).toEqual([]);
      for (let slice = 0; slice < slices; slice++) writing.writeSlice();
      expect(rig.names.length).toBe(slices > 0 ? 1 : 0);
      writing.abandon();
      expect(rig.names).toEqual([]);
      expect(() => [...cut.items()]).toThrow("released");
    }
    // Also while its sync is under way.
    rig.write().abandon();
    const writing = snapshots.write(projection.cut(), about);
    while (!writing.writeSlice());
    writing.sync(() => expect.unreachable());
    writing.abandon();
    rig.clock.run();
    expect(rig.names).toEqual([]);
    expect(rig.fatal).toEqual([]);
  });

  test("a sync that fails ends the store, also when nobody wants the snapshot any more", () => {
    const rig = rigWith(10);
    const writing = rig.opened.snapshots.write(rig.opened.projection.cut(), about);
    while (!writing.writeSlice());
    rig.disk.onOperation = ({ kind }) => (kind === "sync" ? { kind: "ioError" } : null);
    writing.sync(() => expect.unreachable());
    writing.abandon();
    rig.clock.run();
    expect(rig.fatal.map(({ code }) => code)).toEqual(["fsync_failed"]);
  });

  test("is not published before it is durable, nor behind a newer one", () => {
    const rig = rigWith(10);
    const { projection, snapshots } = rig.opened;
    const writing = snapshots.write(projection.cut(), about);
    expect(() => writing.publish()).toThrow("when all of it is written");
    while (!writing.writeSlice());
    expect(() => writing.publish()).toThrow("only durable bytes get their name");
    const old = rig.write();
    rig.append(1);
    rig.takeSnapshot();
    expect(() => old.publish()).toThrow("snapshots never go backwards");
  });

  test("replaces the oldest, unless a peer is being sent that one", () => {
    const rig = rigWith(0);
    const { snapshots } = rig.opened;
    const indexes = () => snapshots.published.map(({ lastIndex }) => Number(lastIndex));
    for (const expected of [[2], [4, 2], [6, 4]]) {
      rig.append(2);
      rig.takeSnapshot();
      expect(indexes()).toEqual(expected);
      expect(rig.names.length).toBe(expected.length);
    }
    snapshots.isNeeded = ({ lastIndex }) => lastIndex === 4;
    for (const expected of [
      [8, 6, 4],
      [10, 8, 4],
    ]) {
      rig.append(2);
      rig.takeSnapshot();
      expect(indexes()).toEqual(expected);
      expect(rig.names.length).toBe(3);
    }
    snapshots.isNeeded = () => false;
    rig.append(1);
    rig.takeSnapshot();
    expect(indexes()).toEqual([11, 10]);
    expect(rig.names.length).toBe(2);
  });

  test("may use the reserve, and waits where the disk is full to the last byte", () => {
    const rig = rigWith(40);
    const { projection, snapshots, store } = rig.opened;
    let used = 0;
    for (const name of rig.disk.list()) used += rig.disk.file(name).size;
    rig.disk.capacityBytes = used + 10;
    const writing = snapshots.write(projection.cut(), about);
    writing.writeSlice();
    expect(store.hasRoom).toBe(false);
    expect(rig.disk.list()).not.toContain(RESERVE_FILE);
    rig.disk.capacityBytes = 0;
    expect(() => writing.writeSlice()).toThrow(NoSpaceError);
    expect(() => writing.writeSlice()).toThrow(NoSpaceError);
    rig.disk.capacityBytes = Number.POSITIVE_INFINITY;
    while (!writing.writeSlice());
    writing.sync(() => {});
    rig.clock.run();
    const info = writing.publish();
    expect(snapshots.read(info, 0, 1e6)).toEqual(snapshotOf(foldOf(40)).bytes);
    expect(rig.fatal).toEqual([]);
  });

  test("ends the store when the disk fails a write, a sync or a name", () => {
    for (const kind of ["write", "sync", "rename", "syncDirectory", "remove"] as const) {
      const rig = rigWith(10);
      for (let count = 0; count < 2; count++) {
        rig.append(1);
        rig.takeSnapshot();
      }
      rig.append(1);
      rig.disk.onOperation = (operation) =>
        operation.kind === kind && /^$|^snapshot/.test(operation.name) ? { kind: "ioError" } : null;
      try {
        rig.write().publish();
      } catch {
        // Told below.
      }
      expect(rig.fatal.length).toBe(1);
      expect(rig.fatal[0]?.code).toBe(kind === "sync" ? "fsync_failed" : "write_failed");
    }
  });
});

describe("a snapshot that comes in", () => {
  const incoming = snapshotOf(foldOf(50));

  test("is kept beside, checked slice by slice, and takes every other one's place", () => {
    const rig = rigWith(10);
    const { projection, snapshots } = rig.opened;
    rig.takeSnapshot();
    const receiving = receive(rig, incoming.bytes, incoming.info);
    expect(receiving.loadSlice()).toBe(null);
    expect(snapshots.published.length).toBe(1);
    const { head, state } = load(receiving);
    expect(head.configuration).toEqual(about.configuration);
    expect(() => receiving.loadSlice()).toThrow("loaded once");
    expect(receiving.publish()).toEqual(incoming.info);
    projection.adopt(state);
    expect(itemsOf(projection)).toEqual(itemsOf(foldOf(50)));
    expect(snapshots.published).toEqual([incoming.info]);
    expect(rig.names).toEqual(["snapshot-0000000000000050-0000000000000001.balsa"]);
    expect(snapshots.read(incoming.info, 0, 1e6)).toEqual(incoming.bytes);
  });

  test("must be loaded before it is published, and begins where it ended", () => {
    const rig = rigWith(1);
    const receiving = rig.opened.snapshots.receive(incoming.info);
    receiving.write(0, incoming.bytes.subarray(0, 10));
    expect(() => receiving.write(9, incoming.bytes)).toThrow("begins where the last one ended");
    expect(() => receiving.publish()).toThrow("could be loaded");
    expect(() => receiving.write(10, incoming.bytes)).toThrow(SnapshotDamagedError);
  });

  test("that is damaged, cut, foreign or another one is refused, and leaves nothing", () => {
    const flipped = incoming.bytes.slice();
    flipped[200] = (flipped[200] ?? 0) ^ 1;
    const foreign = snapshotOf(foldOf(50), { clusterId: clusterId("other") });
    const other = snapshotOf(foldOf(49));
    const cases: readonly (readonly [Uint8Array, SnapshotInfo])[] = [
      [flipped, incoming.info],
      [incoming.bytes.subarray(0, -1), incoming.info],
      [foreign.bytes, foreign.info],
      [other.bytes, incoming.info],
    ];
    for (const [bytes, info] of cases) {
      const rig = rigWith(1);
      const receiving = receive(rig, bytes, info);
      expect(() => load(receiving)).toThrow(SnapshotDamagedError);
      receiving.abandon();
      expect(rig.names).toEqual([]);
      expect(rig.opened.snapshots.published).toEqual([]);
      expect(rig.fatal).toEqual([]);
    }
  });

  test("finds the disk full, and room again", () => {
    const rig = rigWith(1);
    rig.disk.capacityBytes = 0;
    const receiving = rig.opened.snapshots.receive(incoming.info);
    expect(() => receiving.write(0, incoming.bytes)).toThrow(NoSpaceError);
    receiving.abandon();
    expect(rig.names).toEqual([]);
    rig.disk.capacityBytes = Number.POSITIVE_INFINITY;
    load(receive(rig, incoming.bytes, incoming.info));
  });

  test("may be the one that is being written here", () => {
    const rig = rigWith(50);
    const { projection, snapshots } = rig.opened;
    const writing = snapshots.write(projection.cut(), about);
    writing.writeSlice();
    const receiving = receive(rig, incoming.bytes, incoming.info);
    writing.abandon();
    expect(load(receiving).state.stateHash).toBe(projection.stateHash);
  });

  test("is loaded into the projection that the store was given", () => {
    class Watched extends KvProjection {}
    const rig = rigWith(1, { makeProjection: () => new Watched() });
    expect(rig.opened.projection).toBeInstanceOf(Watched);
    expect(load(receive(rig, incoming.bytes, incoming.info)).state).toBeInstanceOf(Watched);
  });
});
