import { describe, expect, test } from "bun:test";
import { Deadlines } from "../../src/actors/deadlines";
import { defaultLimits } from "../../src/actors/limits";
import { Refusals, type RefusalsParts } from "../../src/actors/refusals";
import { VirtualClock } from "./links/virtual-clock";

const NEVER = Number.POSITIVE_INFINITY;

/** Refusals, and when each was told. */
function refusing(limits: Partial<RefusalsParts["limits"]> = {}) {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const refusals = new Refusals({ clock, deadlines, limits: { ...defaultLimits, ...limits } });
  const toldMs: number[] = [];
  const refuse = (count: number, byMs = NEVER) => {
    for (let refused = 0; refused < count; refused += 1) {
      refusals.queue(() => toldMs.push(clock.nowMs()), byMs);
    }
  };
  return { clock, deadlines, refusals, refuse, toldMs };
}

describe("refusals", () => {
  test("are told at once where they are few", () => {
    const { clock, refuse, refusals, toldMs } = refusing({ refusalsPerSecond: 100 });
    for (let round = 0; round < 3; round += 1) {
      refuse(1);
      clock.advance(10);
    }
    expect(toldMs).toEqual([0, 10, 20]);
    expect([refusals.waiting, clock.pending]).toEqual([0, 0]);
  });

  test("have their turn, refusalsPerSecond of them in a second", () => {
    const { clock, refuse, refusals, toldMs } = refusing({ refusalsPerSecond: 50 });
    refuse(4);
    expect([toldMs, refusals.waiting]).toEqual([[0], 3]);
    clock.advance(1_000);
    expect(toldMs).toEqual([0, 20, 40, 60]);
    expect([refusals.waiting, clock.pending]).toEqual([0, 0]);
  });

  test("of clients who ask again as soon as they are told cost no more than that", () => {
    const limits = { refusalsPerSecond: 100, refusalDelayMsMax: 5_000 };
    const { clock, refusals } = refusing(limits);
    let told = 0;
    const spin = () =>
      refusals.queue(() => {
        told += 1;
        clock.defer(spin);
      }, NEVER);
    for (let client = 0; client < 200; client += 1) spin();
    clock.advance(3_000);
    expect(told).toBeGreaterThanOrEqual(299);
    expect(told).toBeLessThanOrEqual(301);
  });

  test("wait for refusalDelayMsMax at most, however many there are", () => {
    const limits = { refusalsPerSecond: 10, refusalDelayMsMax: 300 };
    const { clock, refuse, toldMs } = refusing(limits);
    refuse(20);
    clock.advance(299);
    expect(toldMs).toEqual([0, 100, 200]);
    clock.advance(1);
    expect(toldMs).toHaveLength(20);
  });

  test("are told before the request's own time is up", () => {
    const { clock, refuse, toldMs } = refusing({ refusalsPerSecond: 2 });
    refuse(1);
    refuse(1, 50);
    clock.advance(50);
    expect(toldMs).toEqual([0, 50]);
  });

  test("are told at once where refusalsWaitingMax wait already", () => {
    const limits = { refusalsPerSecond: 10, refusalsWaitingMax: 2 };
    const { clock, refuse, refusals, toldMs } = refusing(limits);
    refuse(4);
    expect([toldMs, refusals.waiting]).toEqual([[0, 0], 2]);
    clock.advance(200);
    expect(toldMs).toEqual([0, 0, 100, 200]);
  });

  test("that wait are told when the node stops, and those that come later at once", () => {
    const { clock, refuse, refusals, toldMs } = refusing({ refusalsPerSecond: 10 });
    refuse(3);
    refusals.stop();
    expect([toldMs, refusals.waiting]).toEqual([[0, 0, 0], 0]);
    refuse(2);
    clock.advance(1_000);
    expect(toldMs).toEqual([0, 0, 0, 0, 0]);
    expect(clock.pending).toBe(0);
  });

  test("are by default answered well within a second", () => {
    const { refusalDelayMsMax, refusalsPerSecond, refusalsWaitingMax } = defaultLimits;
    expect([refusalsPerSecond, refusalDelayMsMax, refusalsWaitingMax]).toEqual([5000, 800, 32_768]);
  });
});
