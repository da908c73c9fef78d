import { describe, expect, test } from "bun:test";
import { DEADLINE_TICK_MS, type Deadline, Deadlines } from "../../src/actors/deadlines";
import { VirtualClock } from "./links/virtual-clock";

/** Deadlines, and the names of those that expired, each with its time. */
function waiting() {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const expired: string[] = [];
  const add = (name: string, dueMs: number) =>
    deadlines.add(dueMs, () => expired.push(`${name} at ${clock.nowMs()}`));
  return { clock, deadlines, expired, add };
}

describe("deadlines", () => {
  test("expire in order, each within a tick of its time and never before", () => {
    const { add, clock, expired } = waiting();
    add("later", 25);
    add("sooner", 10);
    add("latest", 1000);
    clock.advance(9);
    expect(expired).toEqual([]);
    clock.advance(491);
    expect(expired).toEqual(["sooner at 10", "later at 30"]);
    clock.advance(500);
    expect(expired).toEqual(["sooner at 10", "later at 30", "latest at 1000"]);
  });

  test("one that is due already expires at the next turn, not in the middle of this one", () => {
    const { add, clock, expired } = waiting();
    clock.advance(100);
    add("overdue", 50);
    expect(expired).toEqual([]);
    clock.advance(0);
    expect(expired).toEqual(["overdue at 100"]);
  });

  test("a cancelled one never expires", () => {
    const { add, clock, deadlines, expired } = waiting();
    deadlines.cancel(add("alone", 10));
    const together = add("together", 20);
    add("other", 20);
    deadlines.cancel(together);
    clock.advance(100);
    expect(expired).toEqual(["other at 20"]);
  });

  test("one cancelled by another of the same tick does not expire", () => {
    const { add, clock, deadlines, expired } = waiting();
    const victims: Deadline[] = [];
    deadlines.add(20, () => {
      for (const victim of victims) deadlines.cancel(victim);
    });
    victims.push(add("same tick", 20), add("later tick", 30));
    add("bystander", 20);
    clock.advance(100);
    expect(expired).toEqual(["bystander at 20"]);
  });

  test("one added by another that expires has its own time", () => {
    const { add, clock, deadlines, expired } = waiting();
    deadlines.add(20, () => add("child", clock.nowMs() + 15));
    add("far", 500);
    clock.advance(1000);
    expect(expired).toEqual(["child at 40", "far at 500"]);
  });

  test("all share one timer", () => {
    const { add, clock } = waiting();
    for (let at = 1; at <= 100; at += 1) add("one of many", at * DEADLINE_TICK_MS);
    expect(clock.pending).toBe(1);
  });

  test("stopped ones never expire and leave no timer, those added later included", () => {
    const { add, clock, deadlines, expired } = waiting();
    add("before", 10);
    deadlines.stop();
    add("after", 10);
    expect(clock.pending).toBe(0);
    clock.advance(100);
    expect(expired).toEqual([]);
  });

  test("one that stops them all is the last", () => {
    const { add, clock, deadlines, expired } = waiting();
    deadlines.add(10, () => deadlines.stop());
    add("same tick", 10);
    add("next tick", 20);
    clock.advance(10);
    expect(expired).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
