/** A transfer whose peer says that it holds less than it had said before (Raft §7). */
import { describe, expect, test } from "bun:test";
import { compact } from "../../../src/machines/log-shape";
import { logIndex } from "../../../src/types";
import { logOf, snapshotAt } from "../raft-words";
import { ReplicatorDriver } from "../replicator-driver";

const snapshot = snapshotAt([5, 1], { byteLength: 95 });

/** Chunks of ten bytes are on their way, three at once, to a peer that lacks what is compacted. */
function streaming(): ReplicatorDriver {
  const log = compact(logOf(1, 1, 1, 1, 1, 1, 1, 1), logIndex(4));
  const driver = new ReplicatorDriver(log, { snapshotChunkBytes: 10, snapshotChunksMax: 3 });
  driver.beat();
  driver.reject(8, [3, null]);
  driver.offer(snapshot);
  expect(driver.receive(snapshot, 10).state).toBe("snapshot.streaming");
  return driver;
}

describe("a snapshot's chunks", () => {
  test("begin anew with a heartbeat where the peer has lost them", () => {
    const driver = streaming();
    driver.receive(snapshot, 40);
    expect(driver.receive(snapshot, 0)).toEqual({ state: "snapshot.setBack", asked: [] });
    expect(driver.beat()).toEqual({
      state: "snapshot.asking",
      asked: ["done", [4, null], "behind"],
    });
    expect(driver.offer(snapshot).asked).toEqual([["chunk", 0, 10]]);
    expect(driver.receive(snapshot, 10).asked).toHaveLength(3);
  });

  test("do not go round as fast as the link can with a peer that has no room for them", () => {
    const driver = streaming();
    driver.receive(snapshot, 40);
    for (let beats = 0; beats < 10; beats++) {
      // Of what was under way each chunk is answered, be it with what it would have come to.
      for (const received of [0, 0, 10, 0]) {
        expect(driver.receive(snapshot, received).asked).toEqual([]);
      }
      expect(driver.beat().asked).toEqual(["done", [4, null], "behind"]);
      expect(driver.offer(snapshot).asked).toEqual([["chunk", 0, 10]]);
      expect(driver.receive(snapshot, 10).asked).toHaveLength(3);
    }
  });

  test("that are never of use do not bind the peer for ever: it gets the newest snapshot", () => {
    const driver = streaming();
    driver.receive(snapshot, 95);
    driver.lose();
    driver.reject(4, [3, null]);
    expect(driver.receive(snapshot, 0)).toEqual({ state: "snapshot.setBack", asked: [] });
    expect(driver.beat().asked).toEqual(["done", [4, null], "behind"]);
    const newer = snapshotAt([8, 1], { byteLength: 20 });
    expect(driver.offer(newer).asked).toEqual([["chunk", 0, 10]]);
    // Late word of the damaged one.
    expect(driver.receive(snapshot, 0).asked).toEqual([]);
    expect(driver.receive(newer, 10).asked).toEqual([["chunk", 10, 10]]);
  });

  test("M22 a late answer costs a chunk and a heartbeat's time, and sets nothing back", () => {
    const driver = streaming();
    driver.receive(snapshot, 40);
    expect(driver.receive(snapshot, 20).asked).toEqual([]);
    expect(driver.beat().asked).toContainEqual(["chunk", 20, 10]);
    expect(driver.receive(snapshot, 70)).toEqual({
      state: "snapshot.streaming",
      asked: [
        ["chunk", 70, 10],
        ["chunk", 80, 10],
        ["chunk", 90, 5],
      ],
    });
  });
});
