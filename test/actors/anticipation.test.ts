import { describe, expect, test } from "bun:test";
import { Anticipation } from "../../src/actors/anticipation";
import { VirtualClock } from "./links/virtual-clock";

const anticipating = (waitMsMax = 1) => {
  const clock = new VirtualClock();
  let inVain = 0;
  const onInVain = () => {
    inVain++;
  };
  const anticipation = new Anticipation({ clock, waitMsMax, onInVain });
  return { anticipation, clock, inVain: () => inVain };
};

describe("a batch", () => {
  test("waits for nobody who was never there", () => {
    const { anticipation, clock } = anticipating();
    for (const present of [1, 2, 5]) expect(anticipation.isEnough(present)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("waits for those who were here a moment ago, and goes once most are back", () => {
    const { anticipation, clock, inVain } = anticipating();
    expect(anticipation.isEnough(10)).toBe(true);
    expect(anticipation.isEnough(1)).toBe(false);
    expect(anticipation.isEnough(7)).toBe(false);
    expect(clock.pending).toBe(1);
    expect(anticipation.isEnough(8)).toBe(true);
    expect(clock.pending).toBe(0);
    clock.advance(10);
    expect(inVain()).toBe(0);
  });

  test("goes without them after waitMsMax, once, and expects no more than came", () => {
    const { anticipation, clock, inVain } = anticipating(3);
    anticipation.isEnough(10);
    expect(anticipation.isEnough(4)).toBe(false);
    clock.advance(2);
    expect(inVain()).toBe(0);
    clock.advance(1);
    expect(inVain()).toBe(1);
    expect(anticipation.isEnough(4)).toBe(true);
    expect(anticipation.isEnough(4)).toBe(true);
    expect(anticipation.isEnough(3)).toBe(false);
  });

  test("a lone client, or one that left for good, costs the next at most one wait", () => {
    const { anticipation, clock } = anticipating();
    expect(anticipation.isEnough(2)).toBe(true);
    expect(anticipation.isEnough(1)).toBe(false);
    clock.advance(1);
    for (let request = 0; request < 5; request++) expect(anticipation.isEnough(1)).toBe(true);
  });

  test("leaves no timer behind when it stops", () => {
    const { anticipation, clock, inVain } = anticipating();
    anticipation.isEnough(10);
    anticipation.isEnough(1);
    anticipation.stop();
    expect(clock.pending).toBe(0);
    clock.advance(10);
    expect(inVain()).toBe(0);
  });
});
