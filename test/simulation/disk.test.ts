import { describe, expect, test } from "bun:test";
import { SimulatedDisk } from "../../src/simulation/disk";
import { ProcessDiedError } from "../../src/simulation/disk-faults";
import { SECTOR_BYTES } from "../../src/simulation/stored-file";
import { NoSpaceError } from "../../src/store/ports";
import { randomFrom } from "../seeded-random";
import { ManualClock } from "../store/store-rig";

/** Draws that lose everything a power loss may lose. */
const loseAll = () => 0;
/** Draws that keep everything. */
const keepAll = () => 0.3;

function mounted() {
  const disk = new SimulatedDisk();
  const clock = new ManualClock();
  return { disk, clock, files: disk.mount(clock) };
}
const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const contents = (disk: SimulatedDisk, name: string) => [...disk.file(name).read(0, 1e6)];

describe("the simulated disk", () => {
  test("keeps what was synced, name and bytes, through a power loss", () => {
    const { disk, files } = mounted();
    const file = files.open("a", { create: true });
    file.write(0, bytes(3, 7));
    file.dataSync();
    files.syncDirectory();
    file.write(1, bytes(4, 9));
    disk.crash(loseAll);
    expect(contents(disk, "a")).toEqual([7, 7, 7]);
  });

  test("loses a synced file whose name was not", () => {
    const { disk, files } = mounted();
    files.open("a", { create: true }).dataSync();
    disk.crash(loseAll);
    expect(disk.list()).toEqual([]);
  });

  test("loses an unsynced rename and an unsynced removal", () => {
    const { disk, files } = mounted();
    files.open("a", { create: true });
    files.open("b", { create: true });
    files.syncDirectory();
    files.rename("a", "c");
    files.remove("b");
    expect(files.list()).toEqual(["c"]);
    disk.crash(loseAll);
    expect(disk.list()).toEqual(["a", "b"]);
  });

  test("may keep what was never synced", () => {
    const { disk, files } = mounted();
    files.open("a", { create: true }).write(0, bytes(2000, 5));
    disk.crash(keepAll);
    expect(contents(disk, "a")).toEqual([...bytes(2000, 5)]);
  });

  test("decides over each unsynced sector alone, and tears some", () => {
    const seen = { kept: 0, dropped: 0, torn: 0 };
    for (let seed = 0; seed < 60; seed++) {
      const { disk, files } = mounted();
      const file = files.open("a", { create: true });
      file.write(0, bytes(8 * SECTOR_BYTES, 1));
      file.dataSync();
      files.syncDirectory();
      file.write(0, bytes(8 * SECTOR_BYTES, 2));
      disk.crash(randomFrom(seed).random);
      const after = contents(disk, "a");
      for (let sector = 0; sector < 8; sector++) {
        const part = after.slice(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES);
        if (part.every((byte) => byte === 2)) seen.kept++;
        else if (part.every((byte) => byte === 1)) seen.dropped++;
        else seen.torn++;
      }
    }
    expect(seen.kept).toBeGreaterThan(20);
    expect(seen.dropped).toBeGreaterThan(20);
    expect(seen.torn).toBeGreaterThan(20);
  });

  test("does the same for the same draws", () => {
    const images = [1, 2].map(() => {
      const { disk, files } = mounted();
      for (const name of ["b", "a"]) {
        files.open(name, { create: true }).write(0, bytes(5000, name.charCodeAt(0)));
      }
      files.syncDirectory();
      disk.crash(randomFrom(5).random);
      return disk.list().map((name) => contents(disk, name));
    });
    expect(images[0]).toEqual(images[1]);
  });

  test("a background sync covers what was written before it began, once it has ended", () => {
    const { disk, clock, files } = mounted();
    disk.syncDelayMs = () => 5;
    const file = files.open("a", { create: true });
    files.syncDirectory();
    const done: unknown[] = [];
    file.write(0, bytes(1, 1));
    file.startDataSync((error) => done.push(error));
    file.write(1, bytes(1, 2));
    expect(done).toEqual([]);
    clock.run();
    expect(done).toEqual([null]);
    disk.crash(loseAll);
    expect(contents(disk, "a")).toEqual([1]);
  });

  test("a hung sync never ends, and covers nothing", () => {
    const { disk, clock, files } = mounted();
    disk.syncDelayMs = () => null;
    const file = files.open("a", { create: true });
    files.syncDirectory();
    file.write(0, bytes(1, 1));
    file.startDataSync(() => expect.unreachable());
    clock.run();
    disk.crash(loseAll);
    expect(contents(disk, "a")).toEqual([]);
  });

  test("a failed sync loses its writes though readers see them and the next sync succeeds", () => {
    const { disk, files } = mounted();
    const file = files.open("a", { create: true });
    files.syncDirectory();
    file.write(0, bytes(3, 1));
    disk.onOperation = ({ kind }) => (kind === "sync" ? { kind: "ioError" } : null);
    expect(() => file.dataSync()).toThrow("EIO");
    disk.onOperation = () => null;
    file.dataSync();
    expect([...file.read(0, 3)]).toEqual([1, 1, 1]);
    disk.crash(keepAll);
    expect(contents(disk, "a")).toEqual([]);
  });

  test("a full disk takes what fits and then says so; a removed file makes room", () => {
    const { disk, files } = mounted();
    disk.capacityBytes = 10;
    files.open("big", { create: true }).write(0, bytes(6, 1));
    const file = files.open("a", { create: true });
    expect(file.write(0, bytes(6, 2))).toBe(4);
    expect(() => file.write(4, bytes(2, 2))).toThrow(NoSpaceError);
    expect(file.write(0, bytes(4, 3))).toBe(4);
    files.remove("big");
    expect(file.write(4, bytes(2, 2))).toBe(2);
    // What stands there is written over, however much more came back than there is room for.
    disk.capacityBytes = 3;
    expect(file.write(0, bytes(6, 4))).toBe(6);
    expect(() => file.write(6, bytes(1, 4))).toThrow(NoSpaceError);
  });

  test("acts out short writes, full disks and errors on demand", () => {
    const { disk, files } = mounted();
    const file = files.open("a", { create: true });
    disk.onOperation = () => ({ kind: "shortWrite", bytesTaken: 2 });
    expect(file.write(0, bytes(5, 1))).toBe(2);
    disk.onOperation = () => ({ kind: "noSpace", bytesTaken: 1 });
    expect(() => file.write(2, bytes(5, 1))).toThrow(NoSpaceError);
    expect(file.size()).toBe(3);
    disk.onOperation = () => ({ kind: "ioError" });
    expect(() => file.write(0, bytes(5, 1))).toThrow("EIO");
    expect(() => file.read(0, 1)).toThrow("EIO");
    expect(() => files.rename("a", "b")).toThrow("EIO");
    disk.onOperation = () => null;
    disk.readOnly = true;
    expect(() => file.write(0, bytes(5, 1))).toThrow("EIO");
    expect(() => files.remove("a")).toThrow("EIO");
  });

  test("spoils bytes and lengths at rest", () => {
    const { disk, files } = mounted();
    const file = files.open("a", { create: true });
    file.write(0, bytes(4, 0));
    file.dataSync();
    files.syncDirectory();
    disk.flipBit("a", 1, 3);
    disk.cut("a", 2);
    disk.crash(loseAll);
    expect(contents(disk, "a")).toEqual([0, 8]);
  });

  test("one process at a time holds the lock, and a dead one does nothing more", () => {
    const { disk, clock, files } = mounted();
    files.lock();
    const file = files.open("a", { create: true });
    file.startDataSync(() => expect.unreachable());
    const other = disk.mount(clock);
    expect(() => other.lock()).toThrow("held by a running process");
    disk.onOperation = () => ({ kind: "crash" });
    expect(() => file.write(0, bytes(1, 1))).toThrow(ProcessDiedError);
    disk.onOperation = () => null;
    expect(() => file.write(0, bytes(1, 1))).toThrow(ProcessDiedError);
    clock.run();
    other.lock();
    expect(file.size()).toBe(0);
  });
});
