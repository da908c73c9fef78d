import { expect, test } from "bun:test";
import { PULSE_MS, Pulse } from "../../src/observe/pulse";
import { logIndex } from "../../src/types";
import { VirtualClock } from "../actors/links/virtual-clock";
import { stillSituation } from "./still-situation";

/** A pulse on a node whose disk and clocks do as they are told. */
function beating() {
  const clock = new VirtualClock();
  const node = { durable: 5, wallOffsetMs: 0, jumpMs: 0 };
  const { disk } = stillSituation();
  const pulse = new Pulse({
    clock,
    look: () => {
      const nowMs = clock.nowMs() + node.jumpMs;
      return stillSituation({
        nowMs,
        wallMs: nowMs + node.wallOffsetMs,
        disk: { ...disk, durableIndex: logIndex(node.durable) },
      });
    },
  });
  pulse.start();
  return { clock, node, pulse, still: () => pulse.standstillMs("durable", clock.nowMs()) };
}

test("only what is owed can stand still", () => {
  const { clock, node, still } = beating();
  clock.advance(10_000);
  expect(still()).toBe(0);
  node.durable = 3;
  clock.advance(PULSE_MS);
  clock.advance(3_000);
  expect(still()).toBe(3_000);
  node.durable = 4;
  clock.advance(PULSE_MS);
  expect(still()).toBe(0);
  node.durable = 5;
  clock.advance(PULSE_MS);
  clock.advance(3_000);
  expect(still()).toBe(0);
});

test("time that was not lived through is noticed, and a wall clock that was set", () => {
  const { clock, node, pulse } = beating();
  clock.advance(10_000);
  expect(pulse.clockTrouble).toBeNull();
  node.jumpMs = 7_000;
  clock.advance(PULSE_MS);
  expect(pulse.clockTrouble).toEqual({ kind: "stood still", byMs: 7_000, atMs: 17_500 });
  node.wallOffsetMs = -60_000;
  clock.advance(PULSE_MS);
  expect(pulse.clockTrouble).toEqual({ kind: "was set", byMs: -60_000, atMs: 18_000 });
});

test("a pulse ends with the node", () => {
  const { clock, pulse } = beating();
  pulse.stop();
  expect(clock.pending).toBe(0);
});
