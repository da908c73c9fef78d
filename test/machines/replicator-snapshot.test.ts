/** A replicator whose peer lacks what the log no longer holds: it is sent a snapshot (Raft §7). */
import { describe, expect, test } from "bun:test";
import { compact, type LogShape, shapeBehind } from "../../src/machines/log-shape";
import { QUIET_BEATS_MAX, SILENT_BEATS_MAX } from "../../src/machines/replicator/transfer";
import { logIndex } from "../../src/types";
import { logOf, snapshotAt } from "./raft-words";
import { type Asked, ReplicatorDriver } from "./replicator-driver";

/** Ten bytes a chunk, three of them at once. */
const window = { snapshotChunkBytes: 10, snapshotChunksMax: 3 };
const snapshot = snapshotAt([5, 1], { byteLength: 95 });

const compactedLog = (length: number, baseIndex: number): LogShape =>
  compact(logOf(...new Array<number>(length).fill(1)), logIndex(baseIndex));

/** A log of eight whose first four are gone, and a peer whose own ends at 2. */
function lagging(log = compactedLog(8, 4)): ReplicatorDriver {
  const driver = new ReplicatorDriver(log, window);
  driver.beat();
  expect(driver.reject(log.lastIndex, [3, null])).toEqual({
    state: "snapshot.asking",
    asked: ["behind"],
  });
  return driver;
}

/** …which has asked for a first chunk to be sent. */
function probing(log?: LogShape): ReplicatorDriver {
  const driver = lagging(log);
  expect(driver.offer(snapshot)).toEqual({ state: "snapshot.probing", asked: [["chunk", 0, 10]] });
  return driver;
}

/** …and has three more on their way. */
function streaming(log?: LogShape): ReplicatorDriver {
  const driver = probing(log);
  expect(driver.receive(snapshot, 10)).toEqual({
    state: "snapshot.streaming",
    asked: [10, 20, 30].map((offset): Asked => ["chunk", offset, 10]),
  });
  return driver;
}

/** Until no more chunks are sent; each beat still asks for a sign of life at the log's base. */
function fallSilent(driver: ReplicatorDriver): void {
  for (let beat = 0; beat <= QUIET_BEATS_MAX; beat++) {
    expect(driver.state).not.toBe("snapshot.silent");
    expect(driver.beat().asked).toEqual([[4, null]]);
  }
  expect(driver.state).toBe("snapshot.silent");
}

describe("who is sent a snapshot", () => {
  test('"when the leader has already discarded the next log entry that it needs" (§7)', () => {
    lagging();
  });

  test("M46 also where nothing at all is left of the log", () => {
    const driver = new ReplicatorDriver(shapeBehind(snapshot), window);
    expect(driver.beat().asked).toEqual([[5, null]]);
    expect(driver.reject(5, [1, null])).toEqual({ state: "snapshot.asking", asked: ["behind"] });
  });

  test("also from a window that was refused", () => {
    const driver = new ReplicatorDriver(compactedLog(8, 4), window);
    driver.accept(8);
    expect(driver.state).toBe("replicate");
    expect(driver.reject(8, [3, null])).toEqual({ state: "snapshot.asking", asked: ["behind"] });
  });

  test("not one that has the log's last compacted entry: the rest is in the log", () => {
    const driver = new ReplicatorDriver(compactedLog(8, 4), window);
    driver.beat();
    expect(driver.reject(8, [5, null])).toEqual({ state: "probe.waiting", asked: [[4, [5, 8]]] });
    expect(driver.accept(8).state).toBe("replicate");
  });

  test("not one that may have it: it is asked at the base first", () => {
    // The peer's last word was 1; the log has been compacted up to 4 since.
    const driver = new ReplicatorDriver(logOf(1), window);
    driver.beat();
    driver.accept(1);
    driver.lose();
    expect(driver.compact(compactedLog(8, 4))).toEqual({ state: "probe.idle", asked: [] });
    expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[4, [5, 8]]] });
    expect(driver.reject(4, [2, null])).toEqual({ state: "snapshot.asking", asked: ["behind"] });
  });

  test("nor one whose window the compaction has overtaken", () => {
    const driver = new ReplicatorDriver(logOf(1), { ...window, messagesMax: 1 });
    driver.beat();
    driver.accept(1);
    expect(driver.grow(logOf(1, 1)).asked).toEqual([[1, [2, 2]]]);
    driver.grow(logOf(1, 1, 1, 1, 1, 1, 1, 1));
    expect(driver.compact(compactedLog(8, 4))).toEqual({ state: "replicate", asked: [] });
    expect(driver.accept(2)).toEqual({ state: "replicate", asked: [[4, [5, 8]]] });
    expect(driver.lose()).toEqual({ state: "probe.idle", asked: [] });
    expect(driver.context).toMatchObject({ matchIndex: 2, nextIndex: 5 });
  });

  test("a peer that is not there pins no snapshot's file", () => {
    const driver = new ReplicatorDriver(logOf(1), window);
    for (let base = 1; base <= 8; base++) {
      expect(driver.compact(compactedLog(8, base)).asked).toEqual([]);
      expect(driver.beat()).toMatchObject({ state: "probe.waiting" });
    }
  });
});

describe("a snapshot's chunks", () => {
  test("one alone, then as many as the window holds, in order", () => {
    const driver = streaming();
    expect(driver.receive(snapshot, 20).asked).toEqual([["chunk", 40, 10]]);
    expect(driver.receive(snapshot, 30).asked).toEqual([["chunk", 50, 10]]);
    expect(driver.receive(snapshot, 60).asked).toEqual([
      ["chunk", 60, 10],
      ["chunk", 70, 10],
      ["chunk", 80, 10],
    ]);
    // The last one is what is left.
    expect(driver.receive(snapshot, 70).asked).toEqual([["chunk", 90, 5]]);
    expect(driver.receive(snapshot, 95)).toEqual({ state: "snapshot.streaming", asked: [] });
  });

  test("go on where the peer stands, from an earlier transfer of the same file", () => {
    const driver = probing();
    expect(driver.receive(snapshot, 72)).toEqual({
      state: "snapshot.streaming",
      asked: [
        ["chunk", 72, 10],
        ["chunk", 82, 10],
        ["chunk", 92, 3],
      ],
    });
  });

  test("are not moved by an answer about another snapshot", () => {
    const other = snapshotAt([5, 1], { byteLength: 95, checksum: 8 });
    expect(probing().receive(other, 10)).toEqual({ state: "snapshot.probing", asked: [] });
    expect(streaming().receive(other, 0)).toEqual({ state: "snapshot.streaming", asked: [] });
    const silent = streaming();
    silent.lose();
    expect(silent.receive(other, 20)).toEqual({ state: "snapshot.silent", asked: [] });
  });
});

describe("beside the chunks", () => {
  test("heartbeats and rounds go on at the log's base: lease and reads do not wait", () => {
    const driver = streaming();
    expect(driver.beat()).toEqual({ state: "snapshot.streaming", asked: [[4, null]] });
    expect(driver.openRound()).toEqual({ state: "snapshot.streaming", asked: [[4, null]] });
    expect(driver.reject(4, [3, null])).toEqual({ state: "snapshot.streaming", asked: [] });
    const asking = lagging();
    expect(asking.beat()).toEqual({ state: "snapshot.asking", asked: [[4, null]] });
  });

  test("the log grows and is compacted further, and the transfer goes on", () => {
    const driver = streaming();
    expect(driver.grow(compactedLog(12, 4)).asked).toEqual([]);
    expect(driver.compact(compactedLog(12, 9))).toEqual({ state: "snapshot.streaming", asked: [] });
    expect(driver.beat().asked).toEqual([[9, null]]);
    expect(driver.receive(snapshot, 20).asked).toEqual([["chunk", 40, 10]]);
  });
});

describe("a lost chunk, a lost link", () => {
  test("heartbeats without a word on the chunks: it waits until the peer is heard", () => {
    for (const driver of [probing(), streaming()]) {
      const { acknowledgedBytes } = driver.context.transfer ?? { acknowledgedBytes: Number.NaN };
      fallSilent(driver);
      expect(driver.openRound().asked).toEqual([[4, null]]);
      expect(driver.reject(4, [3, null])).toEqual({
        state: "snapshot.probing",
        asked: [["chunk", acknowledgedBytes, 10]],
      });
    }
  });

  test("any word on the chunks shows that they move, slow as they may be", () => {
    const driver = streaming();
    for (let received = 11; received < 40; received++) {
      for (let beat = 0; beat < QUIET_BEATS_MAX; beat++) driver.beat();
      expect(driver.receive(snapshot, received).state).toBe("snapshot.streaming");
    }
  });

  test("a lost link: no chunk leaves before the peer is back, then it goes on", () => {
    const driver = streaming();
    driver.receive(snapshot, 20);
    expect(driver.lose()).toEqual({ state: "snapshot.silent", asked: [] });
    expect(driver.lose()).toEqual({ state: "snapshot.silent", asked: [] });
    expect(driver.beat()).toEqual({ state: "snapshot.silent", asked: [[4, null]] });
    expect(driver.reject(4, [3, null]).asked).toEqual([["chunk", 20, 10]]);
    const alone = probing();
    expect(alone.lose()).toEqual({ state: "snapshot.silent", asked: [] });
    expect(alone.receive(snapshot, 10)).toMatchObject({ state: "snapshot.streaming" });
  });

  test("all is there, and the peer says nothing of its end: the last byte asks", () => {
    const driver = streaming();
    driver.receive(snapshot, 95);
    fallSilent(driver);
    expect(driver.reject(4, [3, null])).toEqual({
      state: "snapshot.probing",
      asked: [["chunk", 94, 1]],
    });
    // It is still being loaded there.
    expect(driver.receive(snapshot, 95)).toEqual({ state: "snapshot.streaming", asked: [] });
    fallSilent(driver);
    driver.reject(4, [3, null]);
    // It could not be used: the file may be damaged, so it gets the newest there is by now.
    expect(driver.receive(snapshot, 0)).toEqual({ state: "snapshot.setBack", asked: [] });
    expect(driver.beat()).toEqual({
      state: "snapshot.asking",
      asked: ["done", [4, null], "behind"],
    });
    const newer = snapshotAt([8, 1], { byteLength: 7 });
    expect(driver.offer(newer)).toEqual({ state: "snapshot.probing", asked: [["chunk", 0, 7]] });
  });

  test("a peer that stays away lets the snapshot go, and asks anew when it is back", () => {
    const driver = streaming();
    driver.lose();
    let asked = driver.beat().asked;
    for (let beats = 1; driver.state === "snapshot.silent"; beats++) {
      expect(asked).toEqual([[4, null]]);
      expect(beats).toBeLessThanOrEqual(SILENT_BEATS_MAX);
      asked = driver.beat().asked;
    }
    expect(driver.state).toBe("probe.idle");
    expect(asked).toEqual(["done"]);
    expect(driver.context.transfer).toBeNull();
    expect(driver.beat().asked).toEqual([[4, [5, 8]]]);
    expect(driver.reject(4, [3, null])).toEqual({ state: "snapshot.asking", asked: ["behind"] });
  });
});

describe("the end of a transfer", () => {
  test("the peer matches as far as the log goes back: the rest comes from the log", () => {
    const driver = streaming();
    driver.grow(compactedLog(9, 4));
    driver.receive(snapshot, 95);
    expect(driver.accept(5)).toEqual({ state: "replicate", asked: ["done", [5, [6, 9]]] });
    expect(driver.context).toMatchObject({ matchIndex: 5, nextIndex: 10, transfer: null });
  });

  test("also before all is sent: it has caught up in another way", () => {
    const driver = streaming();
    expect(driver.accept(4)).toEqual({ state: "replicate", asked: ["done", [4, [5, 8]]] });
    expect(driver.receive(snapshot, 20)).toEqual({ state: "replicate", asked: [] });
    expect(driver.offer(snapshot)).toEqual({ state: "replicate", asked: [] });
  });

  test("the log is compacted beyond it by now: the newest snapshot is asked for", () => {
    const driver = streaming();
    driver.compact(compactedLog(12, 9));
    driver.receive(snapshot, 95);
    expect(driver.accept(5)).toEqual({ state: "snapshot.asking", asked: ["done", "behind"] });
    const newer = snapshotAt([11, 1], { byteLength: 7 });
    expect(driver.offer(newer)).toEqual({ state: "snapshot.probing", asked: [["chunk", 0, 7]] });
    expect(driver.accept(11)).toEqual({ state: "replicate", asked: ["done", [11, [12, 12]]] });
  });

  test("an acceptance of less says only how far it was", () => {
    const driver = streaming();
    expect(driver.accept(2)).toEqual({ state: "snapshot.streaming", asked: [] });
    expect(driver.context).toMatchObject({ matchIndex: 2, nextIndex: 5 });
  });
});
