/** A disk that fails: the first fault ends the store, and nothing is promised after it. */
import { describe, expect, test } from "bun:test";
import { AssertionError } from "../../src/assert";
import { FatalError } from "../../src/errors";
import type { SimulatedDisk } from "../../src/simulation/disk";
import { HARD_STATE_FILE } from "../../src/store/hard-state";
import { logIndex } from "../../src/types";
import { makeEntries, StoreRig } from "./store-rig";

type DiskOperation = Parameters<SimulatedDisk["onOperation"]>[0];

function failing(rig: StoreRig, isHit: (operation: DiskOperation) => boolean): void {
  rig.disk.onOperation = (operation) => (isHit(operation) ? { kind: "ioError" } : null);
}
const isLog = (name: string) => name.startsWith("log-");

describe("a data sync", () => {
  test("is told when it begins and when it has ended, before what it made durable", () => {
    const rig = new StoreRig();
    const told: string[] = [];
    const opened = rig.open({
      onSyncing: () => {
        told.push("began");
        return () => told.push(`ended, durable to ${opened.store.durableIndex}`);
      },
    });
    rig.append(opened, 1);
    rig.append(opened, 2);
    expect(told).toEqual(["began"]);
    rig.clock.run();
    expect(told).toEqual(["began", "ended, durable to 0", "began", "ended, durable to 1"]);
    expect(Number(opened.store.durableIndex)).toBe(3);
  });

  test("that fails has ended, too", () => {
    const rig = new StoreRig();
    let ended = 0;
    const opened = rig.open({ onSyncing: () => () => (ended += 1) });
    rig.append(opened, 1);
    rig.clock.run();
    failing(rig, ({ kind }) => kind === "sync");
    rig.append(opened, 1);
    rig.clock.run();
    expect([ended, rig.fatal.length]).toEqual([2, 1]);
  });
});

describe("a failed sync", () => {
  test("of the log stops the node and is never retried", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.append(opened, 1);
    rig.clock.run();
    let syncs = 0;
    failing(rig, ({ kind }) => kind === "sync" && ++syncs === 1);
    rig.append(opened, 1);
    rig.append(opened, 1);
    rig.clock.run();
    expect(rig.fatal.map(({ code }) => code)).toEqual(["fsync_failed"]);
    expect(rig.fatal[0]?.facts.file).toContain("log-00000001");
    expect(syncs).toBe(1);
    expect(Number(opened.store.durableIndex)).toBe(1);
    expect(() => rig.append(opened, 1)).toThrow(FatalError);
    rig.close(opened);
    expect(syncs).toBe(1);
  });

  test("of the hard state stops the node; the vote was never called durable", () => {
    const rig = new StoreRig();
    const { store } = rig.open();
    failing(rig, ({ kind, name }) => kind === "sync" && name === HARD_STATE_FILE);
    store.persistHardState({ term: rig.nextTerm, votedFor: null }, () => expect.unreachable());
    rig.clock.run();
    expect(rig.fatal.map(({ code }) => code)).toEqual(["fsync_failed"]);
    store.persistHardState({ term: rig.nextTerm, votedFor: null }, () => expect.unreachable());
    rig.clock.run();
  });

  test("while turning to a new segment stops the node", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.append(opened, 1, { bytes: 3000 });
    rig.clock.run();
    failing(rig, ({ kind, name }) => kind === "sync" && isLog(name));
    expect(() => rig.append(opened, 1, { bytes: 3000 })).toThrow(/could not make written bytes/);
    expect(rig.fatal.map(({ code }) => code)).toEqual(["fsync_failed"]);
  });

  test("at start refuses to start", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.append(opened, 1);
    rig.close(opened);
    failing(rig, ({ kind, name }) => kind === "sync" && isLog(name));
    expect(() => rig.open()).toThrow(/could not make written bytes durable/);
    rig.disk.onOperation = () => null;
    expect(Number(rig.open().store.lastIndex)).toBe(1);
  });
});

describe("a disk that turned read-only", () => {
  test("stops the node at the next append, with the path and what to do", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.disk.readOnly = true;
    expect(() => rig.append(opened, 1)).toThrow(/\/simulated\/.*refused a write/);
    expect(rig.fatal.map(({ code }) => code)).toEqual(["write_failed"]);
    expect(rig.fatal[0]?.facts.nextStep).toContain("mount options");
  });

  test("stops the node at the next vote", () => {
    const rig = new StoreRig();
    const opened = rig.open();
    rig.disk.readOnly = true;
    rig.vote(opened, 1);
    expect(rig.fatal.map(({ code }) => code)).toEqual(["write_failed"]);
  });
});

describe("a hung disk", () => {
  test("promises nothing, and everything once it answers", () => {
    const rig = new StoreRig();
    rig.disk.syncDelayMs = () => 60_000;
    const opened = rig.open();
    rig.append(opened, 1);
    rig.append(opened, 1);
    rig.vote(opened, 2);
    expect(Number(opened.store.durableIndex)).toBe(0);
    rig.clock.run();
    expect(Number(opened.store.durableIndex)).toBe(2);
  });
});

describe("a broken assumption of ours", () => {
  test("is not blamed on the disk, and ends the store all the same", () => {
    const rig = new StoreRig();
    const opened = rig.open({ onDurable: () => expect.unreachable() });
    const { store } = opened;
    const entries = makeEntries(1, 20, 400);
    store.append(entries, { generation: 0, commitIndex: logIndex(0) });
    // Not one bit is wrong, but entry 2 stands where entry 1 was written.
    const segment = rig.disk.list().find(isLog) ?? "";
    rig.disk.file(segment).write(96, entries[1]?.record ?? expect.unreachable());
    const read = () => store.read(logIndex(1), logIndex(1), 1);
    expect(read).toThrow(new AssertionError("an entry stands at its position"));
    expect(rig.fatal).toEqual([]);
    const append = () =>
      store.append(makeEntries(21, 1), { generation: 0, commitIndex: logIndex(0) });
    expect(append).toThrow(AssertionError);
    store.persistHardState({ term: rig.nextTerm, votedFor: null }, () => expect.unreachable());
    rig.close(opened);
  });
});
