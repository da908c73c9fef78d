import { describe, expect, test } from "bun:test";
import { defaultLimits, type NodeLimits } from "../../src/actors/limits";
import { Reads } from "../../src/actors/reads";
import { type LogIndex, logIndex } from "../../src/types";
import { LEADER, OTHER, told, waitingWorld } from "./waiting-world";

const TICK_MS = 10;

/** Reads of a node, the rounds its own machine was asked for, and how each read ended. */
function reading(limits: Partial<NodeLimits> = {}) {
  const { world, parts } = waitingWorld(limits);
  const rounds: number[] = [];
  const ends: (LogIndex | string)[] = [];
  const copy = { appliedIndex: logIndex(0) };
  const reads = new Reads({
    ...parts,
    appliedIndex: () => copy.appliedIndex,
    requestReadIndex: (read) => rounds.push(read),
  });
  const ask = (timeoutMs = 5000, isForwarded = false) =>
    reads.submit({ timeoutMs, isForwarded, settle: (end) => ends.push(told(end)) });
  const apply = (index: number) => {
    copy.appliedIndex = logIndex(index);
    reads.onApplied(copy.appliedIndex);
  };
  /** The leader's answer to the round that is under way. */
  const confirm = (index: number) => world.answer({ type: "readIndex", index: logIndex(index) });
  return { world, reads, rounds, ends, ask, apply, confirm };
}

describe("reads on a leader", () => {
  test("of one turn share one round, and are answered when it is confirmed", () => {
    const { apply, ask, ends, reads, rounds, world } = reading();
    world.route = "here";
    apply(7);
    ask();
    ask();
    expect(rounds).toEqual([]);
    world.clock.settle();
    expect(rounds).toEqual([1]);
    reads.onConfirmed(1, logIndex(7));
    expect(ends).toEqual([logIndex(7), logIndex(7)]);
    expect(reads.underWay).toBe(0);
  });

  test("of later turns wait for the round that is under way, then share the next", () => {
    const { ask, reads, rounds, world } = reading();
    world.route = "here";
    for (let turn = 0; turn < 3; turn += 1) {
      ask();
      world.clock.settle();
    }
    expect(rounds).toEqual([1]);
    reads.onConfirmed(1, logIndex(0));
    world.clock.settle();
    expect(rounds).toEqual([1, 2]);
    reads.onConfirmed(2, logIndex(0));
    expect(reads.underWay).toBe(0);
  });

  test("a confirmation of another round answers nobody", () => {
    const { ask, ends, reads, world } = reading();
    world.route = "here";
    ask();
    world.clock.settle();
    reads.onConfirmed(2, logIndex(0));
    reads.onDeclined(2);
    expect(ends).toEqual([]);
  });

  test("are answered once this copy has come as far as they must see", () => {
    const { apply, ask, ends, reads, world } = reading();
    world.route = "here";
    for (const [read, index] of [3, 3, 5].entries()) {
      ask();
      world.clock.settle();
      reads.onConfirmed(read + 1, logIndex(index));
    }
    apply(2);
    expect(ends).toEqual([]);
    apply(4);
    expect(ends).toEqual([logIndex(3), logIndex(3)]);
    apply(9);
    expect(ends).toEqual([logIndex(3), logIndex(3), logIndex(5)]);
  });
});

describe("reads on a follower", () => {
  test("ask the leader for an index, once for all that wait", () => {
    const { apply, ask, confirm, ends, world } = reading();
    world.route = LEADER;
    ask();
    ask();
    world.clock.settle();
    expect(world.asked.map(({ to, request }) => [to, request.type])).toEqual([
      [LEADER, "readIndex"],
    ]);
    confirm(4);
    expect(ends).toEqual([]);
    apply(4);
    expect(ends).toEqual([logIndex(4), logIndex(4)]);
  });

  test("that came over a link are sent back, with or without a leader", () => {
    for (const route of [null, LEADER]) {
      const { ask, ends, world } = reading();
      world.route = route;
      ask(5000, true);
      world.clock.settle();
      expect(ends).toEqual(["no_leader, null"]);
      expect(world.asked).toEqual([]);
    }
  });

  test("wait for a leader, and go to it as soon as there is one", () => {
    const { ask, reads, world } = reading();
    ask();
    world.clock.advance(1000);
    world.route = LEADER;
    reads.onRouteChanged();
    world.clock.settle();
    expect(world.asked.length).toBe(1);
  });

  test("end after their own time, by what they waited for", () => {
    const { ask, confirm, ends, world } = reading();
    ask(100);
    world.clock.advance(100);
    world.route = LEADER;
    ask(100);
    world.clock.advance(100);
    ask(100);
    world.clock.settle();
    confirm(4);
    world.clock.advance(100);
    expect(ends).toEqual(["no_leader, null", "timeout, null", "timeout, null"]);
  });

  test("ask again after readIndexTimeoutMs of silence, and keep their deadline", () => {
    const { ask, ends, world } = reading();
    const { readIndexTimeoutMs, retryDelayMs } = defaultLimits;
    const patienceMs = readIndexTimeoutMs + TICK_MS + retryDelayMs;
    world.route = LEADER;
    ask(1000);
    world.clock.advance(1);
    ask(5000);
    world.clock.advance(readIndexTimeoutMs - 1);
    expect(world.asked.length).toBe(1);
    world.clock.advance(patienceMs - readIndexTimeoutMs);
    expect(world.asked.length).toBe(2);
    world.clock.advance(1000 - patienceMs);
    expect(ends).toEqual(["timeout, null"]);
  });

  test("turn to the new leader at once, though the old one still owes an answer", () => {
    const { ask, apply, confirm, ends, reads, world } = reading();
    apply(9);
    world.route = LEADER;
    ask();
    world.clock.settle();
    const [toOld] = world.asked;
    world.route = OTHER;
    reads.onRouteChanged();
    world.clock.settle();
    expect(world.asked.map(({ to }) => to)).toEqual([LEADER, OTHER]);
    // The old one's answer belongs to a round that was given up.
    world.requests.onAnswer(LEADER, toOld?.id ?? 0, { type: "readIndex", index: logIndex(1) });
    expect(ends).toEqual([]);
    confirm(9);
    expect(ends).toEqual([logIndex(9)]);
  });

  test("wait on for an answer while nobody else is known to lead", () => {
    const { ask, confirm, ends, reads, world } = reading();
    world.route = LEADER;
    ask();
    world.clock.settle();
    world.route = null;
    reads.onRouteChanged();
    world.clock.settle();
    confirm(0);
    expect(ends).toEqual([logIndex(0)]);
  });

  test("ask again soon after a lost link and after a leader that was none", () => {
    const { ask, world } = reading();
    world.route = LEADER;
    ask();
    world.clock.settle();
    world.requests.onLinkLost(LEADER);
    world.clock.advance(defaultLimits.retryDelayMs);
    expect(world.asked.length).toBe(2);
    const facts = { detail: "", outcome: null, retryable: true };
    world.answer({ type: "failed", code: "no_leader", facts });
    world.clock.advance(defaultLimits.retryDelayMs);
    expect(world.asked.length).toBe(3);
  });
});

describe("reads that nobody has answered", () => {
  test("are at most readsMax, wherever they wait", () => {
    const { ask, confirm, ends, reads, world } = reading({ readsMax: 3 });
    world.route = LEADER;
    ask();
    world.clock.settle();
    confirm(9);
    ask();
    world.clock.settle();
    ask();
    // One waits to be applied, one for the leader's answer, one for the next round.
    ask();
    expect(ends).toEqual(["overloaded, null"]);
    expect(reads.underWay).toBe(3);
  });

  test("make room when their time is up, though this copy never gets there", () => {
    const { ask, confirm, ends, reads, world } = reading({ readsMax: 10 });
    world.route = LEADER;
    for (let round = 0; round < 1000; round += 1) {
      ask(50);
      world.clock.settle();
      confirm(99);
      world.clock.advance(TICK_MS);
      expect(reads.underWay).toBeLessThanOrEqual(6);
    }
    expect(new Set(ends)).toEqual(new Set(["timeout, null"]));
    world.clock.advance(100);
    expect(ends.length).toBe(1000);
  });

  test("are many by default: a read costs little", () => {
    expect(defaultLimits.readsMax).toBe(65_536);
  });
});

describe("stopping", () => {
  test("fails every read, wherever it waits, and leaves no timer", () => {
    const { apply, ask, confirm, ends, reads, world } = reading();
    world.route = LEADER;
    ask();
    world.clock.settle();
    confirm(9);
    ask();
    world.clock.settle();
    ask();
    reads.stop();
    expect(ends).toEqual(Array(3).fill("shutting_down, null"));
    world.requests.onLinkLost(LEADER);
    world.deadlines.stop();
    reads.onRouteChanged();
    apply(9);
    world.clock.settle();
    expect(world.clock.pending).toBe(0);
    expect([ends.length, reads.underWay, world.asked.length]).toEqual([3, 0, 2]);
  });

  test("refuses whoever comes after", () => {
    const { ask, ends, reads, world } = reading();
    reads.stop();
    ask();
    ask(5000, true);
    expect(ends).toEqual(Array(2).fill("shutting_down, null"));
    world.clock.settle();
    expect(world.clock.pending).toBe(0);
  });
});
