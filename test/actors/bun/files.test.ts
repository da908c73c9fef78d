/** The real file system: a real directory, real processes. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataDirectory } from "../../../src/actors/bun/files";
import { StartupError } from "../../../src/errors";
import { openStore } from "../../../src/store/open-store";
import { NoSpaceError } from "../../../src/store/ports";
import { clusterId, diskId, logIndex, nodeId, term } from "../../../src/types";
import { founders, makeEntries, tinyLimits } from "../../store/store-rig";

const directories: string[] = [];

function newDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "balsa-files-"));
  directories.push(path);
  return path;
}

afterEach(() => {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true });
});

/** Another process that takes the lock, says so, and holds it until it is killed. */
async function lockElsewhere(path: string) {
  const files = join(import.meta.dir, "../../../src/actors/bun/files.ts");
  const script = `
    const { DataDirectory } = await import(${JSON.stringify(files)});
    new DataDirectory(${JSON.stringify(path)}).lock();
    console.log("locked");
    setInterval(() => {}, 1000);
  `;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("locked\n");
  return child;
}

describe("the lock", () => {
  test("excludes a second process, names it, and ends with kill -9", async () => {
    const path = newDirectory();
    const child = await lockElsewhere(path);
    const directory = new DataDirectory(path);
    expect(() => directory.lock()).toThrow(StartupError);
    expect(() => directory.lock()).toThrow(`is held by process ${child.pid}`);
    child.kill("SIGKILL");
    await child.exited;
    directory.lock();
    expect(readFileSync(join(path, "lock"), "utf8")).toBe(`${process.pid}\n`);
    directory.unlock();
  });

  test("excludes a second owner in the same process, until it is released", () => {
    const path = newDirectory();
    const first = new DataDirectory(path);
    first.lock();
    expect(() => new DataDirectory(path).lock()).toThrow(/stop that one/);
    first.unlock();
    const second = new DataDirectory(path);
    second.lock();
    second.unlock();
  });
});

describe("a directory", () => {
  test("is created with its parents", () => {
    const path = join(newDirectory(), "a", "b");
    new DataDirectory(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test("lists its files sorted, without folders", () => {
    const path = newDirectory();
    const directory = new DataDirectory(path);
    for (const name of ["b", "a", "B"]) directory.open(name, { create: true }).close();
    new DataDirectory(join(path, "folder"));
    expect(directory.list()).toEqual(["B", "a", "b"]);
    expect([directory.exists("a"), directory.exists("c")]).toEqual([true, false]);
    directory.rename("a", "c");
    directory.remove("b");
    directory.syncDirectory();
    expect(directory.list()).toEqual(["B", "c"]);
    expect(directory.describe("c")).toBe(join(path, "c"));
  });

  test("opens an existing file without emptying it, and no missing one unasked", () => {
    const directory = new DataDirectory(newDirectory());
    const file = directory.open("a", { create: true });
    file.write(0, Uint8Array.of(1, 2, 3));
    file.close();
    const again = directory.open("a", { create: true });
    expect([...again.read(0, 10)]).toEqual([1, 2, 3]);
    again.close();
    expect(() => directory.open("b", { create: false })).toThrow("ENOENT");
  });
});

describe("a file", () => {
  test("reads and writes anywhere, and syncs both ways", async () => {
    const directory = new DataDirectory(newDirectory());
    const file = directory.open("a", { create: true });
    expect(file.write(5, Uint8Array.of(9, 8))).toBe(2);
    expect(file.size()).toBe(7);
    expect([...file.read(3, 3)]).toEqual([0, 0, 9]);
    expect([...file.read(6, 100)]).toEqual([8]);
    expect([...file.read(50, 100)]).toEqual([]);
    file.dataSync();
    let isLater = false;
    const synced = new Promise<Error | null>((resolve) => {
      file.startDataSync((error) => {
        expect(isLater).toBe(true);
        resolve(error);
      });
    });
    isLater = true;
    expect(await synced).toBe(null);
    file.close();
  });

  test.skipIf(!existsSync("/dev/full"))("tells a full disk from other faults", () => {
    const directory = new DataDirectory("/dev");
    const file = directory.open("full", { create: false });
    expect(() => file.write(0, Uint8Array.of(1))).toThrow(NoSpaceError);
    file.close();
    expect(() => file.write(0, Uint8Array.of(1))).toThrow("EBADF");
  });
});

describe("the store on it", () => {
  /** Opens the store; `durable` resolves when `lastIndex` is reported. */
  function open(path: string) {
    let reached: (index: number) => void = () => {};
    const options = {
      nodeId: nodeId(1),
      clusterId: clusterId("c"),
      founders,
      drawDiskId: () => diskId("d"),
      onDurable: (index: number) => reached(index),
      onFatal: (error: Error) => expect.unreachable(error.message),
      limits: tinyLimits,
    };
    const opened = openStore(new DataDirectory(path), options);
    const durable = (lastIndex: number) =>
      new Promise<void>((resolve) => {
        reached = (index) => index >= lastIndex && resolve();
      });
    return { ...opened, durable };
  }

  test("comes back with the same bytes over many segments", async () => {
    const path = newDirectory();
    const { store, durable } = open(path);
    const entries = makeEntries(1, 60, 500);
    const isDurable = durable(60);
    for (let at = 0; at < entries.length; at += 3) {
      store.append(entries.slice(at, at + 3), { generation: 0, commitIndex: logIndex(0) });
    }
    await isDurable;
    const vote = { term: term(7), votedFor: nodeId(2) };
    await new Promise<void>((done) => store.persistHardState(vote, done));
    await new Promise<void>((done) => store.close(done));
    const again = open(path);
    const read = again.store.read(logIndex(1), logIndex(60), Number.POSITIVE_INFINITY);
    expect(read.map(({ record }) => record)).toEqual(entries.map(({ record }) => record));
    expect(again.recovered.hardState).toEqual(vote);
    expect(Number(again.identity.incarnation)).toBe(2);
    await new Promise<void>((done) => again.store.close(done));
  });
});
