import { describe, expect, test } from "bun:test";
import { Life } from "../../src/simulation/life";
import { Seeded } from "../../src/simulation/seeded";
import { SIMULATION_EPOCH_MS, VirtualClock } from "../../src/simulation/virtual-clock";

const clockOf = (seed: string) => new VirtualClock(new Seeded(seed));

function process(onThrow: (error: unknown) => void = () => {}) {
  const virtual = clockOf("clock");
  const life = new Life(onThrow);
  const clock = virtual.clockOf(life, () => -5);
  const seen: string[] = [];
  const note = (what: string) => () => seen.push(`${what} at ${virtual.nowMs}`);
  const run = (ms: number) => {
    const untilMs = virtual.nowMs + ms;
    while (virtual.step(untilMs));
  };
  return { virtual, life, clock, seen, note, run };
}

describe("virtual time", () => {
  test("jumps from event to event, in whole microseconds", () => {
    const { clock, note, run, seen } = process();
    clock.setTimeout(note("second"), 7.00049);
    clock.setTimeout(note("first"), 2.5);
    run(10);
    expect(seen).toEqual(["first at 2.5", "second at 7"]);
  });

  test("an event sees the time it was due, not the time that was run to", () => {
    const { clock, note, run, seen } = process();
    clock.setTimeout(() => clock.setTimeout(note("chained"), 100), 100);
    run(250);
    expect(seen).toEqual(["chained at 200"]);
  });

  test("what is cancelled never happens", () => {
    const { clock, note, run, seen } = process();
    clock.clearTimeout(clock.setTimeout(note("cancelled"), 1));
    clock.clearTimeout(null);
    run(10);
    expect(seen).toEqual([]);
  });

  test("simultaneous events come in an order that the seed chooses", () => {
    const orderOf = (seed: string) => {
      const virtual = clockOf(seed);
      const order: number[] = [];
      for (let place = 0; place < 8; place++) virtual.schedule(1, () => order.push(place));
      while (virtual.step(1));
      return order.join("");
    };
    expect(orderOf("a")).toBe(orderOf("a"));
    expect(new Set(["a", "b", "c", "d"].map(orderOf)).size).toBe(4);
  });

  test("a wall clock may be wrong", () => {
    const { clock, run } = process();
    run(12);
    expect(clock.wallMs()).toBe(SIMULATION_EPOCH_MS + 12 - 5);
    expect(clock.nowMs()).toBe(12);
  });
});

describe("a process on virtual time", () => {
  test("does nothing more once it is over", () => {
    const { clock, life, note, run, seen } = process();
    clock.setTimeout(note("too late"), 5);
    clock.defer(note("deferred"));
    life.end();
    run(10);
    life.run(note("asked"));
    expect(seen).toEqual([]);
  });

  test("does what fell due while it was paused when it wakes, unless that was cancelled", () => {
    const { clock, life, note, run, seen, virtual } = process();
    clock.setTimeout(note("due"), 5);
    const other = clock.setTimeout(note("cancelled"), 6);
    life.pause();
    run(50);
    expect(seen).toEqual([]);
    clock.clearTimeout(other);
    virtual.resume(life);
    run(0);
    expect(seen).toEqual(["due at 50"]);
  });

  test("what it fails to catch is told, unless it was dying", () => {
    const thrown: unknown[] = [];
    const { clock, life, run } = process((error) => thrown.push(error));
    clock.setTimeout(() => {
      throw new Error("uncaught");
    }, 1);
    clock.setTimeout(() => {
      life.end();
      throw new Error("on its way down");
    }, 2);
    run(10);
    expect(thrown.map(String)).toEqual(["Error: uncaught"]);
  });
});
