/** A peer's replication progress: each event in each state, and all it asks its leader to send. */
import { describe, expect, test } from "bun:test";
import {
  appendRun,
  emptyLogShape,
  type LogShape,
  SIZE_MARK_SPACING_BYTES,
} from "../../src/machines/log-shape";
import { term } from "../../src/types";
import { logOf } from "./raft-words";
import { ReplicatorDriver } from "./replicator-driver";

/** Entries so large that each has its own size mark, so that windows are exact. */
const logOfMarks = (count: number): LogShape =>
  appendRun(emptyLogShape, {
    term: term(1),
    byteLengths: new Array<number>(count).fill(SIZE_MARK_SPACING_BYTES),
  });

/** Replicating, everything up to the end of `log` acknowledged. */
function replicating(log: LogShape, window = {}): ReplicatorDriver {
  const driver = new ReplicatorDriver(log, window);
  driver.beat();
  driver.accept(log.lastIndex);
  expect(driver.state).toBe("replicate");
  return driver;
}

describe("probe: where the logs agree is unknown", () => {
  test('"nextIndex is initialized to the index just after the last one in its log" (§5.3)', () => {
    const driver = new ReplicatorDriver(logOf(1, 1, 1));
    expect(driver.state).toBe("probe.idle");
    expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[3, null]] });
  });

  test("one message with entries at a time; what comes meanwhile waits", () => {
    const driver = new ReplicatorDriver(logOf(1, 1));
    expect(driver.grow(logOf(1, 1, 2))).toEqual({ state: "probe.waiting", asked: [[2, [3, 3]]] });
    expect(driver.grow(logOf(1, 1, 2, 2))).toEqual({ state: "probe.waiting", asked: [] });
    // Heartbeats go on: they keep the peer's lease, and repeat the probe in case it was lost.
    expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[2, [3, 4]]] });
    driver.grow(logOf(1, 1, 2, 2, 2));
    expect(driver.accept(4)).toEqual({ state: "replicate", asked: [[4, [5, 5]]] });
  });

  test("a probe carries no more than one message's bytes", () => {
    const driver = new ReplicatorDriver(emptyLogShape, {
      messageBytesMax: 2 * SIZE_MARK_SPACING_BYTES,
    });
    expect(driver.grow(logOfMarks(5)).asked).toEqual([[0, [1, 2]]]);
  });

  test("a lost probe is sent again with the next heartbeat, entries and all", () => {
    const driver = new ReplicatorDriver(logOf(1, 1));
    expect(driver.grow(logOf(1, 1, 2))).toEqual({ state: "probe.waiting", asked: [[2, [3, 3]]] });
    expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[2, [3, 3]]] });
    expect(driver.accept(3)).toEqual({ state: "replicate", asked: [] });
  });

  test("a round of reads asks a waiting peer for an answer only, however many there are", () => {
    const driver = new ReplicatorDriver(logOf(1, 1));
    expect(driver.openRound()).toEqual({ state: "probe.waiting", asked: [[2, null]] });
    driver.grow(logOf(1, 1, 2));
    for (let round = 0; round < 100; round++) {
      expect(driver.openRound()).toEqual({ state: "probe.waiting", asked: [[2, null]] });
    }
  });

  test("a round of reads asks an idle peer with a probe", () => {
    const driver = replicating(logOf(1, 1));
    driver.grow(logOf(1, 1, 2));
    driver.lose();
    expect(driver.openRound()).toEqual({ state: "probe.waiting", asked: [[2, [3, 3]]] });
    expect(driver.openRound()).toEqual({ state: "probe.waiting", asked: [[2, null]] });
  });

  test("a peer with a full disk answers but takes nothing: one probe a heartbeat, no more", () => {
    const driver = new ReplicatorDriver(logOf(1, 1));
    driver.grow(logOf(1, 1, 2));
    for (let beat = 0; beat < 5; beat++) {
      expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[2, [3, 3]]] });
      for (let round = 0; round < 20; round++) {
        driver.openRound();
        expect(driver.accept(2)).toEqual({ state: "probe.waiting", asked: [] });
      }
    }
    expect(driver.context).toMatchObject({ matchIndex: 2, nextIndex: 3 });
    expect(driver.accept(3)).toEqual({ state: "replicate", asked: [] });
  });

  test("a peer whose answers take longer than a heartbeat leaves all the same", () => {
    const driver = new ReplicatorDriver(logOf(1, 1));
    driver.grow(logOf(1, 1, 2));
    driver.grow(logOf(1, 1, 2, 2));
    driver.beat();
    driver.grow(logOf(1, 1, 2, 2, 2));
    expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[2, [3, 5]]] });
    // It answers the first probe; every heartbeat has repeated it with more entries since.
    expect(driver.accept(3)).toEqual({ state: "replicate", asked: [[3, [4, 5]]] });
  });

  test("a rejection steps back and asks again at once", () => {
    const driver = new ReplicatorDriver(logOf(1, 1, 4, 4));
    driver.beat();
    expect(driver.reject(4, [3, null])).toEqual({ state: "probe.waiting", asked: [[2, [3, 4]]] });
    expect(driver.accept(4)).toEqual({ state: "replicate", asked: [] });
  });

  test("M22 a rejection of another probe says nothing", () => {
    const driver = new ReplicatorDriver(logOf(1, 1, 4, 4));
    driver.beat();
    driver.reject(4, [3, null]);
    expect(driver.reject(4, [2, null])).toEqual({ state: "probe.waiting", asked: [] });
    expect(driver.reject(1, [1, null])).toEqual({ state: "probe.waiting", asked: [] });
    expect(driver.context.nextIndex as number).toBe(3);
  });

  test("an answer that comes unasked is welcome too", () => {
    const driver = new ReplicatorDriver(logOf(1, 1));
    expect(driver.accept(1)).toEqual({ state: "replicate", asked: [[1, [2, 2]]] });
    const refused = new ReplicatorDriver(logOf(1, 1));
    expect(refused.reject(2, [1, null])).toEqual({ state: "probe.waiting", asked: [[0, [1, 2]]] });
  });

  test("a lost link: it waits for the next occasion to ask again", () => {
    const driver = new ReplicatorDriver(logOf(1, 1));
    driver.beat();
    expect(driver.lose()).toEqual({ state: "probe.idle", asked: [] });
    expect(driver.lose()).toEqual({ state: "probe.idle", asked: [] });
    expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[2, null]] });
  });
});

describe("replicate: the logs agree, optimistically", () => {
  test("a heartbeat and a round of reads are the same empty message", () => {
    const driver = replicating(logOf(1));
    driver.grow(logOf(1, 1));
    expect(driver.beat()).toEqual({ state: "replicate", asked: [[2, null]] });
    expect(driver.openRound()).toEqual({ state: "replicate", asked: [[2, null]] });
  });

  test("new entries go out at once, one message after the other", () => {
    const driver = replicating(logOf(1));
    expect(driver.grow(logOf(1, 1)).asked).toEqual([[1, [2, 2]]]);
    expect(driver.grow(logOf(1, 1, 1, 1)).asked).toEqual([[2, [3, 4]]]);
    expect(driver.context.inFlight.map(({ lastIndex }) => Number(lastIndex))).toEqual([2, 4]);
    expect(driver.accept(4)).toEqual({ state: "replicate", asked: [] });
    expect(driver.context.inFlight).toEqual([]);
  });

  test("a heartbeat stands behind all that was sent, so it uncovers what was lost", () => {
    const driver = replicating(logOf(1));
    driver.grow(logOf(1, 1, 1));
    expect(driver.beat()).toEqual({ state: "replicate", asked: [[3, null]] });
    expect(driver.reject(3, [2, null])).toEqual({ state: "probe.waiting", asked: [[1, [2, 3]]] });
    expect(driver.context.inFlight).toEqual([]);
  });

  test("the window counts messages", () => {
    const driver = replicating(logOf(1), { messagesMax: 2 });
    expect(driver.grow(logOf(1, 1)).asked).toEqual([[1, [2, 2]]]);
    expect(driver.grow(logOf(1, 1, 1)).asked).toEqual([[2, [3, 3]]]);
    expect(driver.grow(logOf(1, 1, 1, 1)).asked).toEqual([]);
    expect(driver.grow(logOf(1, 1, 1, 1, 1)).asked).toEqual([]);
    // One answer makes room for one message, and everything that waited fits into it.
    expect(driver.accept(2)).toEqual({ state: "replicate", asked: [[3, [4, 5]]] });
    expect(driver.context.inFlight).toHaveLength(2);
  });

  test("the window counts bytes, and a message has its own limit", () => {
    const messageBytesMax = 2 * SIZE_MARK_SPACING_BYTES;
    const bytesMax = 4 * SIZE_MARK_SPACING_BYTES;
    const driver = replicating(emptyLogShape, { messageBytesMax, bytesMax });
    expect(driver.grow(logOfMarks(9)).asked).toEqual([
      [0, [1, 2]],
      [2, [3, 4]],
    ]);
    expect(driver.accept(2).asked).toEqual([[4, [5, 6]]]);
    expect(driver.accept(6).asked).toEqual([
      [6, [7, 8]],
      [8, [9, 9]],
    ]);
  });

  test("an entry larger than every limit goes alone", () => {
    const driver = replicating(emptyLogShape, { messageBytesMax: 1, bytesMax: 1 });
    expect(driver.grow(logOfMarks(3)).asked).toEqual([[0, [1, 1]]]);
    expect(driver.accept(1).asked).toEqual([[1, [2, 2]]]);
  });

  test("M22 late answers move nothing back", () => {
    const driver = replicating(logOf(1, 1));
    driver.grow(logOf(1, 1, 1, 1));
    expect(driver.accept(1)).toEqual({ state: "replicate", asked: [] });
    expect(driver.context).toMatchObject({ matchIndex: 2, nextIndex: 5 });
    // Rejected: what was acknowledged since, or a message that was never sent from here.
    expect(driver.reject(1, [1, null])).toEqual({ state: "replicate", asked: [] });
    expect(driver.reject(5, [1, null])).toEqual({ state: "replicate", asked: [] });
    expect(driver.context).toMatchObject({ matchIndex: 2, nextIndex: 5 });
  });

  test("a rejection never leads behind what was acknowledged", () => {
    const driver = replicating(logOf(1, 1));
    driver.grow(logOf(1, 1, 1, 1));
    expect(driver.reject(3, [1, null])).toEqual({ state: "probe.waiting", asked: [[2, [3, 4]]] });
  });

  test("an acknowledgement beyond what was sent counts (an earlier probe's entries)", () => {
    const driver = replicating(logOf(1), { messagesMax: 1 });
    driver.grow(logOf(1, 1));
    driver.grow(logOf(1, 1, 1, 1));
    expect(driver.accept(3)).toEqual({ state: "replicate", asked: [[3, [4, 4]]] });
  });

  test("a lost link: all that is unanswered is sent again, once the peer is back", () => {
    const driver = replicating(logOf(1));
    driver.grow(logOf(1, 1, 1));
    expect(driver.lose()).toEqual({ state: "probe.idle", asked: [] });
    expect(driver.context.inFlight).toEqual([]);
    expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[1, [2, 3]]] });
  });
});

describe("a peer that has forgotten what it acknowledged", () => {
  test("is believed when it refuses that very index in a probe, and is asked further back", () => {
    const driver = replicating(logOf(1, 1, 1, 1));
    driver.lose();
    expect(driver.beat()).toEqual({ state: "probe.waiting", asked: [[4, null]] });
    expect(driver.reject(4, [2, null])).toEqual({ state: "probe.waiting", asked: [[1, [2, 4]]] });
    expect(driver.accept(4)).toEqual({ state: "replicate", asked: [] });
  });

  test("and when it refuses a heartbeat there", () => {
    const driver = replicating(logOf(1, 1, 1, 1));
    driver.beat();
    expect(driver.reject(4, [2, null])).toEqual({ state: "probe.waiting", asked: [[1, [2, 4]]] });
  });
});
