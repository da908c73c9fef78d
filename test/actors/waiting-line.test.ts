import { describe, expect, test } from "bun:test";
import { Deadlines } from "../../src/actors/deadlines";
import { defaultLimits } from "../../src/actors/limits";
import { WaitingLine, type WaitingLineOptions } from "../../src/actors/waiting-line";
import { overloaded, shuttingDown } from "../../src/errors";
import { VirtualClock } from "./links/virtual-clock";

const NEVER = Number.POSITIVE_INFINITY;

/** A line before a room, whose guests come as soon as they are called, and stay. */
function line(limits: Partial<WaitingLineOptions["limits"]> = {}) {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const room = { free: 0 };
  const waiting = new WaitingLine({
    clock,
    deadlines,
    limits: { ...defaultLimits, ...limits },
    refusal: overloaded("full"),
    free: () => room.free,
  });
  const told: string[] = [];
  const join = (name: string, byMs = NEVER, come = () => {}) =>
    waiting.join((refusal) => {
      told.push(`${name} ${refusal?.code ?? "called"} at ${clock.nowMs()}`);
      if (refusal !== null) return;
      room.free -= 1;
      come();
    }, byMs);
  return { clock, deadlines, join, room, told, waiting };
}

describe("a waiting line", () => {
  test("is called in the order it came, as many as there are places", () => {
    const { clock, join, room, told, waiting } = line();
    for (const name of ["first", "second", "third"]) join(name);
    clock.advance(10);
    room.free = 2;
    waiting.callSoon();
    clock.settle();
    expect(told).toEqual(["first called at 10", "second called at 10"]);
    expect([waiting.length, room.free]).toEqual([1, 0]);
  });

  test("calls nobody while nobody leaves the room", () => {
    const { clock, join, told } = line();
    join("first");
    clock.advance(799);
    expect(told).toEqual([]);
  });

  test("calls one who joins while there is a place that nobody took", () => {
    const { clock, join, room, told } = line();
    room.free = 1;
    join("first");
    clock.settle();
    expect(told).toEqual(["first called at 0"]);
  });

  test("calls no one twice for a place, though several left in one turn of the loop", () => {
    const { clock, join, room, told, waiting } = line();
    for (const name of ["first", "second", "third"]) join(name);
    for (room.free = 0; room.free < 2; room.free += 1) waiting.callSoon();
    clock.settle();
    expect([told.length, waiting.length]).toEqual([2, 1]);
  });

  test("is joined at its end by one who was called and found its place taken", () => {
    const { clock, join, room, told, waiting } = line();
    join("slow", NEVER, () => join("slow again"));
    join("other");
    room.free = 1;
    clock.settle();
    room.free = 1;
    waiting.callSoon();
    clock.settle();
    expect(told).toEqual(["slow called at 0", "other called at 0"]);
    expect(waiting.length).toBe(1);
  });

  test("refuses whoever has waited for lineWaitMsMax", () => {
    const { clock, join, told, waiting } = line({ lineWaitMsMax: 300 });
    join("first");
    clock.advance(100);
    join("second");
    clock.advance(300);
    expect(told).toEqual(["first overloaded at 300", "second overloaded at 400"]);
    expect([waiting.length, clock.pending]).toEqual([0, 0]);
  });

  test("refuses within the time that one has", () => {
    const { clock, join, told } = line();
    join("hasty", 50);
    clock.advance(50);
    expect(told).toEqual(["hasty overloaded at 50"]);
  });

  test("refuses at once where lineMax wait already", () => {
    const { join, told, waiting } = line({ lineMax: 2 });
    for (const name of ["first", "second", "third"]) join(name);
    expect(told).toEqual(["third overloaded at 0"]);
    expect(waiting.length).toBe(2);
  });

  test("of clients who ask again as soon as they are told costs each a refusal in its time", () => {
    const { clock, join, told } = line({ lineWaitMsMax: 500 });
    const spin = () => join("spinning", NEVER);
    for (let client = 0; client < 20; client += 1) spin();
    for (let round = 1; round <= 4; round += 1) {
      clock.advance(500);
      expect(told.length).toBe(20 * round);
      for (let client = 0; client < 20; client += 1) spin();
    }
  });

  test("tells all that wait when it closes, and those who come later at once", () => {
    const { clock, join, told, waiting } = line();
    join("first");
    waiting.close(shuttingDown());
    join("late");
    expect(told).toEqual(["first shutting_down at 0", "late shutting_down at 0"]);
    clock.advance(1_000);
    expect([told.length, waiting.length, clock.pending]).toEqual([2, 0, 0]);
  });

  test("is by default long, and left well within a second", () => {
    expect([defaultLimits.lineMax, defaultLimits.lineWaitMsMax]).toEqual([32_768, 800]);
  });
});
