import { describe, expect, test } from "bun:test";
import { defaultLimits } from "../../src/actors/limits";
import { outOfSpace } from "../../src/errors";
import { logIndex, term } from "../../src/types";
import { LEADER } from "./waiting-world";
import { resultAt, TERM, writing } from "./writing-world";

describe("writes on a leader", () => {
  test("of one turn are appended together and settled by their results", () => {
    const { ends, offered, proposals, submit, world } = writing();
    world.route = "here";
    submit();
    submit();
    world.clock.settle();
    expect(offered).toEqual([[1, 2]]);
    proposals.onApplied(logIndex(2), TERM, resultAt(2));
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    expect(ends).toEqual([resultAt(2), resultAt(1)]);
    expect(proposals.underWay).toBe(0);
  });

  test("come in batches of batchCommandsMax and batchBytesMax, one command at least", () => {
    const { offered, submit, world } = writing({ batchCommandsMax: 2, batchBytesMax: 10 });
    world.route = "here";
    for (const bytes of [1, 1, 1, 10, 11, 1]) submit({ command: new Uint8Array(bytes) });
    world.clock.settle();
    expect(offered.map((batch) => batch.length)).toEqual([2, 1, 1, 1, 1]);
  });

  test("gather while the batch before is not committed", () => {
    const { batch, offered, proposals, submit, world } = writing();
    world.route = "here";
    batch.isUnderWay = true;
    submit();
    world.clock.settle();
    submit();
    world.clock.settle();
    expect(offered).toEqual([]);
    batch.isUnderWay = false;
    proposals.onCommitted();
    world.clock.settle();
    expect(offered).toEqual([[1, 2]]);
    expect(world.clock.pending).toBe(1);
  });

  test("gather behind a slow batch for gatherMsMax at most", () => {
    const { batch, offered, submit, world } = writing({ gatherMsMax: 5 });
    world.route = "here";
    batch.isUnderWay = true;
    submit();
    world.clock.advance(4);
    submit();
    expect(offered).toEqual([]);
    world.clock.advance(1);
    expect(offered).toEqual([[1, 2]]);
  });

  test("that there is no room for are refused, the others are not", () => {
    const { disk, ends, offered, submit, world } = writing();
    world.route = "here";
    disk.refusal = outOfSpace("full");
    submit();
    world.clock.settle();
    disk.refusal = null;
    submit();
    world.clock.settle();
    expect(ends).toEqual(["out_of_space, not_applied"]);
    expect(offered).toEqual([[2]]);
  });

  test("have an unknown outcome where another leader's entry stands", () => {
    const { ends, proposals, submit, world } = writing();
    world.route = "here";
    submit();
    world.clock.settle();
    proposals.onApplied(logIndex(1), term(2), resultAt(1, term(2)));
    expect(ends).toEqual(["outcome_unknown, unknown"]);
  });

  test("that a snapshot took the place of are in doubt; those behind it wait on", () => {
    const { ends, proposals, submit, world } = writing();
    world.route = "here";
    submit();
    submit();
    world.clock.settle();
    proposals.onInstalled(logIndex(1));
    expect(ends).toEqual(["outcome_unknown, unknown"]);
    proposals.onApplied(logIndex(2), TERM, resultAt(2));
    expect(ends).toEqual(["outcome_unknown, unknown", resultAt(2)]);
  });

  test("that are not committed when it leaves office have an unknown outcome at once", () => {
    const { ends, proposals, submit, world } = writing();
    world.route = "here";
    submit();
    submit();
    world.clock.settle();
    proposals.onOfficeLeft(logIndex(1));
    expect(ends).toEqual(["outcome_unknown, unknown"]);
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    expect(ends).toEqual(["outcome_unknown, unknown", resultAt(1)]);
  });

  test("whose time is up are unknown, and their late results settle nothing", () => {
    const { ends, proposals, submit, world } = writing();
    world.route = "here";
    submit({ timeoutMs: 100 });
    world.clock.advance(100);
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    expect(ends).toEqual(["timeout, unknown"]);
  });

  test("that it declines wait for another leader, those of other nodes are sent back", () => {
    const { ends, refuseOffers, submit, world } = writing();
    world.route = "here";
    refuseOffers();
    submit();
    submit({ isForwarded: true });
    // Whoever declines leads no more: the machine has told so by the next turn.
    world.clock.defer(() => {
      world.route = LEADER;
    });
    world.clock.settle();
    expect(ends).toEqual(["no_leader, not_applied"]);
    expect(world.asked.map(({ to }) => to)).toEqual([LEADER]);
  });
});

describe("writes that nobody has settled", () => {
  test("are at most proposalsMax, wherever they are", () => {
    const { ends, proposals, submit, world } = writing({ proposalsMax: 3 });
    world.route = "here";
    submit();
    world.clock.settle();
    world.route = LEADER;
    submit();
    world.clock.settle();
    submit();
    expect(proposals.hasRoom).toBe(false);
    submit({ isForwarded: true });
    expect([proposals.underWay, proposals.inLine]).toEqual([3, 1]);
    world.clock.advance(defaultLimits.lineWaitMsMax);
    expect(ends).toEqual(["overloaded, not_applied"]);
    expect([proposals.underWay, proposals.inLine]).toEqual([3, 0]);
  });

  test("leave their place to who waits for one, whatever comes meanwhile", () => {
    const { offered, proposals, submit, world } = writing({ proposalsMax: 1 });
    world.route = "here";
    submit();
    submit();
    world.clock.settle();
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    expect(proposals.hasRoom).toBe(false);
    world.clock.settle();
    expect(offered).toEqual([[1], [2]]);
    proposals.onApplied(logIndex(2), TERM, resultAt(2));
    expect([proposals.hasRoom, proposals.inLine]).toEqual([true, 0]);
  });

  test("have the time that they waited for room taken off theirs", () => {
    const { ends, proposals, submit, world } = writing({ proposalsMax: 1 });
    world.route = "here";
    submit();
    submit({ timeoutMs: 600 });
    world.clock.advance(500);
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    world.clock.advance(99);
    expect(ends).toEqual([resultAt(1)]);
    world.clock.advance(1);
    expect(ends).toEqual([resultAt(1), "timeout, unknown"]);
  });

  test("get in as soon as there is room, though who was called before did not come", () => {
    const { offered, proposals, submit, world } = writing({ proposalsMax: 1 });
    world.route = "here";
    submit();
    world.clock.settle();
    // It hangs up, or what it says is no write.
    proposals.awaitRoom(5000, () => {});
    submit();
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    world.clock.settle();
    expect(proposals.inLine).toBe(0);
    expect(offered).toEqual([[1], [2]]);
  });

  test("of other nodes do not overtake those who wait for room", () => {
    const { offered, proposals, submit, world } = writing({ proposalsMax: 1 });
    world.route = "here";
    submit();
    submit();
    world.clock.settle();
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    submit({ isForwarded: true });
    world.clock.settle();
    expect(offered).toEqual([[1], [2]]);
  });

  test("of other nodes are refused while whoever forwarded them still waits", () => {
    const { ends, submit, world } = writing({ proposalsMax: 1 });
    world.route = "here";
    submit();
    submit({ isForwarded: true, timeoutMs: 400 });
    world.clock.advance(200);
    expect(ends).toEqual(["overloaded, not_applied"]);
  });

  test("may be asked for room before they are there", () => {
    const { proposals, submit, world } = writing({ proposalsMax: 1 });
    world.route = "here";
    submit();
    world.clock.settle();
    const calls: unknown[] = [];
    proposals.awaitRoom(5000, (refusal) => calls.push(refusal));
    proposals.awaitRoom(100, (refusal) => calls.push(refusal?.code));
    world.clock.advance(100);
    expect(calls).toEqual(["overloaded"]);
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    world.clock.settle();
    expect(calls).toEqual(["overloaded", null]);
  });

  test("are many by default", () => {
    expect(defaultLimits.proposalsMax).toBe(8192);
  });
});

describe("stopping", () => {
  test("settles every write by what can be said of it, and leaves no timer", () => {
    const { batch, ends, proposals, submit, world } = writing();
    world.route = "here";
    submit();
    world.clock.settle();
    world.route = LEADER;
    submit();
    submit({ isKeyed: true });
    world.clock.settle();
    world.route = "here";
    batch.isUnderWay = true;
    submit();
    world.clock.settle();
    proposals.stop();
    expect(ends).toEqual([
      ...Array(3).fill("outcome_unknown, unknown"),
      "shutting_down, not_applied",
    ]);
    world.requests.onLinkLost(LEADER);
    world.deadlines.stop();
    proposals.onCommitted();
    proposals.onRouteChanged();
    proposals.onApplied(logIndex(1), TERM, resultAt(1));
    world.clock.settle();
    expect(world.clock.pending).toBe(0);
    expect([ends.length, proposals.underWay]).toEqual([4, 0]);
  });

  test("does not call a write not applied that was sent once and waits to be sent again", () => {
    const { ends, proposals, submit, world } = writing();
    world.route = LEADER;
    submit({ isKeyed: true });
    world.clock.settle();
    world.requests.onLinkLost(LEADER);
    proposals.stop();
    expect(ends).toEqual(["outcome_unknown, unknown"]);
  });

  test("refuses whoever comes after", () => {
    const { ends, proposals, submit, world } = writing();
    proposals.stop();
    submit();
    submit({ isForwarded: true });
    expect(ends).toEqual(Array(2).fill("shutting_down, not_applied"));
    const calls: unknown[] = [];
    proposals.awaitRoom(5000, (refusal) => calls.push(refusal?.code));
    expect([proposals.hasRoom, calls]).toEqual([false, ["shutting_down"]]);
    world.clock.settle();
    expect(world.clock.pending).toBe(0);
  });

  test("refuses one that comes while the others are told", () => {
    const { ends, proposals, submit, world } = writing();
    world.route = LEADER;
    submit({ settle: () => submit() });
    proposals.stop();
    expect(ends).toEqual(["shutting_down, not_applied"]);
  });
});
