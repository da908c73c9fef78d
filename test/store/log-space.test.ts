/** A full disk: the reserve, refusals that leave nothing behind, and the way back. */
import { describe, expect, test } from "bun:test";
import { NoSpaceError } from "../../src/store/ports";
import { RESERVE_FILE } from "../../src/store/reserve";
import { StoreRig, tinyLimits } from "./store-rig";

const reserveBytes = tinyLimits.reserveBytes ?? expect.unreachable();

/** A store with one entry, on a disk with `room` bytes left besides the reserve. */
function nearlyFull(room: number) {
  const rig = new StoreRig();
  const opened = rig.open();
  rig.append(opened, 1);
  rig.clock.run();
  rig.leaveRoom(room);
  return { rig, opened };
}

/** Where the last byte of a file stands that is not zero. */
function lastByte(rig: StoreRig, name: string): number {
  const file = rig.disk.file(name);
  return file.read(0, file.size).findLastIndex((byte) => byte !== 0);
}

function refused(work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof NoSpaceError) return true;
    throw error;
  }
}

function errorOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return expect.unreachable();
}

describe("a full disk", () => {
  test("the reserve stands from the first start, and is room", () => {
    const rig = new StoreRig();
    const { store } = rig.open();
    expect(store.hasRoom).toBe(true);
    expect(rig.disk.file(RESERVE_FILE).size).toBe(reserveBytes);
  });

  test("the reserve is spent on the append that finds no room; then hasRoom is false", () => {
    const { rig, opened } = nearlyFull(0);
    rig.append(opened, 1, { bytes: 1200 });
    expect(opened.store.hasRoom).toBe(false);
    expect(rig.disk.list()).not.toContain(RESERVE_FILE);
    rig.clock.run();
    rig.close(opened);
    expect(Number(rig.open().store.lastIndex)).toBe(2);
  });

  test("what not even the reserve holds is refused, and nothing was appended", () => {
    const { rig, opened } = nearlyFull(0);
    const { lastIndex } = opened.store;
    expect(refused(() => rig.append(opened, 3, { bytes: 1300 }))).toBe(true);
    expect(opened.store.lastIndex).toBe(lastIndex);
    expect(rig.fatal).toEqual([]);
    rig.append(opened, 1, { bytes: 10 });
    rig.clock.run();
    rig.disk.crash(() => 0.3);
    expect(Number(rig.open().store.lastIndex)).toBe(2);
  });

  test("is met the same way when it is the next segment that finds no room", () => {
    const { rig, opened } = nearlyFull(4096);
    let appended = 1;
    while (!refused(() => rig.append(opened, 1, { bytes: 700 }))) appended++;
    expect(appended).toBeGreaterThan(5);
    expect(Number(opened.store.lastIndex)).toBe(appended);
    rig.clock.run();
    rig.disk.crash(() => 0);
    expect(Number(rig.open().store.lastIndex)).toBe(appended);
  });

  test("a segment that found no room does not come back to vouch for what follows", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.append(opened, 1, { bytes: 3000 });
    rig.disk.onOperation = ({ kind, name }) =>
      kind === "write" && name.startsWith("log-00000002")
        ? { kind: "noSpace", bytesTaken: 9 }
        : null;
    expect(refused(() => rig.append(opened, 1, { bytes: 3000 }))).toBe(true);
    rig.disk.onOperation = () => null;
    rig.append(opened, 1);
    const segment = rig.disk.list().find((name) => name.startsWith("log-")) ?? "";
    const last = lastByte(rig, segment);
    // The power fails, and of two changes of names only the first is kept: a creation.
    const draws = [0.5, 0.5, 0.1, 0.9];
    rig.disk.crash(() => draws.shift() ?? 0.3);
    rig.disk.flipBit(segment, last);
    rig.isDamaged = true;
    expect(rig.open().recovered.trimmed).toContain(segment);
  });

  test("the reserve comes back, durably, once there is room", () => {
    const { rig, opened } = nearlyFull(0);
    rig.append(opened, 1, { bytes: 1200 });
    opened.store.restoreReserve();
    rig.clock.run();
    expect(opened.store.hasRoom).toBe(false);
    rig.disk.capacityBytes += 10_000;
    opened.store.restoreReserve();
    opened.store.restoreReserve();
    expect(opened.store.hasRoom).toBe(false);
    rig.clock.run();
    expect(opened.store.hasRoom).toBe(true);
    rig.disk.crash(() => 0);
    expect(rig.disk.file(RESERVE_FILE).size).toBe(reserveBytes);
    expect(rig.open().store.hasRoom).toBe(true);
  });

  test("is left in peace where not even a name can be added", () => {
    const { rig, opened } = nearlyFull(0);
    rig.append(opened, 1, { bytes: 1200 });
    rig.disk.onOperation = ({ kind }) =>
      kind === "create" ? { kind: "noSpace", bytesTaken: 0 } : null;
    opened.store.restoreReserve();
    expect(opened.store.hasRoom).toBe(false);
    rig.clock.run();
    rig.disk.kill();
    const reopened = rig.open();
    expect([Number(reopened.store.lastIndex), reopened.store.hasRoom]).toEqual([2, false]);
  });

  test.each([
    ["noSpace", []],
    ["ioError", ["write_failed"]],
  ] as const)("stays away where it cannot get its name: %s", (kind, fatal) => {
    const { rig, opened } = nearlyFull(0);
    rig.append(opened, 1, { bytes: 1200 });
    rig.clock.run();
    rig.disk.capacityBytes = Number.POSITIVE_INFINITY;
    rig.disk.onOperation = (operation) =>
      operation.kind === "rename" ? { kind, bytesTaken: 0 } : null;
    opened.store.restoreReserve();
    rig.clock.run();
    expect(opened.store.hasRoom).toBe(false);
    expect(rig.fatal.map(({ code }) => code)).toEqual([...fatal]);
  });

  test("an append that needs the room meanwhile wins over the reserve's return", () => {
    const { rig, opened } = nearlyFull(0);
    rig.append(opened, 1, { bytes: 1200 });
    rig.disk.capacityBytes += reserveBytes;
    opened.store.restoreReserve();
    expect(refused(() => rig.append(opened, 1, { bytes: 1800 }))).toBe(false);
    rig.clock.run();
    expect(opened.store.hasRoom).toBe(false);
  });

  test("does not keep a node from starting, nor from voting", () => {
    const { rig, opened } = nearlyFull(0);
    rig.append(opened, 1, { bytes: 1200 });
    rig.clock.run();
    rig.leaveRoom(0);
    rig.close(opened);
    const reopened = rig.open();
    expect(reopened.store.hasRoom).toBe(false);
    rig.vote(reopened, 2);
    rig.clock.run();
    rig.disk.crash(() => 0);
    expect(Number(rig.open().recovered.hardState.votedFor)).toBe(2);
  });
});

describe("a disk that is full when the log is read back", () => {
  const reopened = (timesFull: number) => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.append(opened, 2);
    rig.clock.run();
    rig.disk.kill();
    let times = 0;
    rig.disk.onOperation = ({ kind, name }) =>
      kind === "write" && name.startsWith("log-") && times++ < timesFull
        ? { kind: "noSpace", bytesTaken: 0 }
        : null;
    return rig;
  };

  test("the reserve makes room for what must be written again", () => {
    const rig = reopened(1);
    expect(Number(rig.open().store.lastIndex)).toBe(2);
  });

  test("it says that the disk is full, and comes back once there is room", () => {
    const rig = reopened(2);
    const full = expect.stringMatching(/the disk is full: make room/);
    expect(errorOf(() => rig.open())).toMatchObject({ code: "disk_full", message: full });
    expect(Number(rig.open().store.lastIndex)).toBe(2);
  });
});

describe("a write that takes only a part", () => {
  test("goes on where it stopped", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.disk.onOperation = ({ kind }) =>
      kind === "write" ? { kind: "shortWrite", bytesTaken: 7 } : null;
    rig.append(opened, 2);
    rig.disk.onOperation = () => null;
    rig.close(opened);
    expect(Number(rig.open().store.lastIndex)).toBe(2);
  });

  // Entry 2 is whole in the part that is taken: refused, it must never be seen again.
  test.each(["kept", "lost"])("and then fails leaves nothing that could come back (%s)", (fate) => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.append(opened, 1);
    rig.clock.run();
    let writes = 0;
    rig.disk.onOperation = ({ kind }) =>
      kind === "write" && [1, 3].includes(++writes) ? { kind: "noSpace", bytesTaken: 150 } : null;
    expect(refused(() => rig.append(opened, 2))).toBe(true);
    expect(rig.fatal).toEqual([]);
    rig.disk.onOperation = () => null;
    rig.disk.crash(() => (fate === "kept" ? 0.3 : 0));
    expect(Number(rig.open().store.lastIndex)).toBe(1);
  });

  test("is retried at the same place once the reserve has made room", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.append(opened, 1);
    let writes = 0;
    rig.disk.onOperation = ({ kind }) =>
      kind === "write" && ++writes === 1 ? { kind: "noSpace", bytesTaken: 100 } : null;
    rig.append(opened, 2);
    expect(opened.store.hasRoom).toBe(false);
    rig.close(opened);
    expect(Number(rig.open().store.lastIndex)).toBe(3);
  });

  test("stops the node when it cannot be undone", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.append(opened, 1);
    rig.disk.onOperation = ({ kind }) =>
      kind === "write" ? { kind: "noSpace", bytesTaken: 100 } : null;
    expect(() => rig.append(opened, 2)).toThrow("the disk refused a write");
    expect(rig.fatal.map(({ code }) => code)).toEqual(["write_failed"]);
  });
});
