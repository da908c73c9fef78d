import { describe, expect, test } from "bun:test";
import { AssertionError } from "../../src/assert";
import { FatalError } from "../../src/errors";
import { HARD_STATE_FILE } from "../../src/store/hard-state";
import { nodeId, term } from "../../src/types";
import { StoreRig } from "./store-rig";

/** Places of the two slots. Units: bytes. */
const SLOTS = [4096, 8192] as const;
const votes = (termNumber: number, votedFor: number) => ({
  term: term(termNumber),
  votedFor: nodeId(votedFor),
});

describe("the hard state", () => {
  test("begins with term 0 and no vote", () => {
    expect(new StoreRig().open().recovered.hardState).toEqual({ term: term(0), votedFor: null });
  });

  test("one write is under way; of those waiting the newest is written, and each is told", () => {
    const rig = new StoreRig();
    const { store } = rig.open();
    const done: number[] = [];
    for (const number of [1, 2, 3, 4]) {
      store.persistHardState(votes(number, 1), () => done.push(number));
    }
    const before = store.syncs;
    rig.clock.step();
    expect(done).toEqual([1]);
    rig.clock.step();
    expect(done).toEqual([1, 2, 3, 4]);
    expect(store.syncs - before).toBe(2);
  });

  test("never goes back, nor changes a vote within its term", () => {
    const { store } = new StoreRig().open();
    store.persistHardState(votes(5, 2), () => {});
    expect(() => store.persistHardState(votes(4, 2), () => {})).toThrow(AssertionError);
    expect(() => store.persistHardState(votes(5, 3), () => {})).toThrow(AssertionError);
    store.persistHardState(votes(5, 2), () => {});
    store.persistHardState({ term: term(6), votedFor: null }, () => {});
    store.persistHardState(votes(6, 3), () => {});
  });

  test("survives the rot of either slot once it is copied", () => {
    for (const slot of SLOTS) {
      const rig = new StoreRig();
      const opened = rig.open();
      rig.vote(opened, 3);
      rig.clock.run();
      rig.disk.crash(() => 0);
      rig.disk.flipBit(HARD_STATE_FILE, slot + 20);
      expect(rig.open().recovered.hardState).toEqual(votes(1, 3));
    }
  });

  test("survives a torn write of the slot being written, whichever that is", () => {
    for (const before of [0, 1, 2, 3]) {
      const rig = new StoreRig();
      const opened = rig.open();
      for (let vote = 0; vote < before; vote++) {
        rig.vote(opened, 1);
        rig.clock.run();
      }
      const file = rig.disk.file(HARD_STATE_FILE);
      const [first, second] = SLOTS.map((slot) => file.read(slot, 512));
      rig.vote(opened, 2);
      const sector = new Uint8Array(512).fill(0xee);
      const changed = SLOTS.filter(
        (slot, place) => !Bun.deepEquals(file.read(slot, 512), [first, second][place]),
      );
      expect(changed).toHaveLength(1);
      for (const slot of changed) file.write(slot, sector);
      rig.disk.crash(() => 0.3);
      rig.open();
    }
  });

  test("stops the node when both slots are damaged", () => {
    const rig = new StoreRig();
    rig.close(rig.open());
    for (const slot of SLOTS) rig.disk.flipBit(HARD_STATE_FILE, slot + 9);
    expect(() => rig.open()).toThrow(/both copies of term and vote are damaged/);
    expect(() => rig.open()).toThrow(FatalError);
  });

  test("stops the node when the file is gone", () => {
    const rig = new StoreRig();
    rig.close(rig.open());
    rig.disk.lose(HARD_STATE_FILE);
    expect(() => rig.open()).toThrow(/hard-state.balsa: the file is missing/);
  });

  test("counts every start", () => {
    const rig = new StoreRig();
    for (const start of [1, 2, 3]) {
      const opened = rig.open();
      expect(Number(opened.identity.incarnation)).toBe(start);
      rig.disk.crash(() => 0);
    }
  });
});
