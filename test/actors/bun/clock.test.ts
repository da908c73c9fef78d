import { describe, expect, test } from "bun:test";
import { bunClock } from "../../../src/actors/bun/clock";

describe("the real clock", () => {
  test("never fires before the time", async () => {
    const early: number[] = [];
    const waits = Array.from({ length: 60 }, (_, i) => i * 0.37);
    await Promise.all(
      waits.map((wait) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        const start = bunClock.nowMs();
        bunClock.setTimeout(() => {
          const elapsed = bunClock.nowMs() - start;
          if (elapsed < wait) early.push(elapsed - wait);
          resolve();
        }, wait);
        return promise;
      }),
    );
    expect(early).toEqual([]);
  });

  test("does not fire what was cleared", async () => {
    const fired: string[] = [];
    const handle = bunClock.setTimeout(() => fired.push("cleared"), 1);
    bunClock.clearTimeout(handle);
    bunClock.clearTimeout(undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    bunClock.setTimeout(resolve, 5);
    await promise;
    expect(fired).toEqual([]);
  });

  test("defers behind the present turn and its promises", async () => {
    const order: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    bunClock.defer(() => {
      order.push("deferred");
      resolve();
    });
    queueMicrotask(() => order.push("promise"));
    order.push("turn");
    await promise;
    expect(order).toEqual(["turn", "promise", "deferred"]);
  });

  test("does not go back, and tells wall time", () => {
    const before = bunClock.nowMs();
    expect(bunClock.nowMs()).toBeGreaterThanOrEqual(before);
    expect(bunClock.wallMs()).toBeGreaterThan(1_600_000_000_000);
  });
});
