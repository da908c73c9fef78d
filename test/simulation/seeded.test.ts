import { describe, expect, test } from "bun:test";
import { drawRandom, seedRandom } from "../../src/machines/random";
import { Seeded } from "../../src/simulation/seeded";

const MANY = 20_000;

describe("seeded randomness", () => {
  test("is the machines' own generator", () => {
    const seeded = new Seeded("same");
    let state = seedRandom("same");
    for (let draw = 0; draw < 100; draw++) {
      const [value, next] = drawRandom(state);
      state = next;
      expect(seeded.next()).toBe(value);
    }
  });

  test("a fork is a stream of its own, whatever was drawn before", () => {
    const fresh = new Seeded("root").fork("disk").next();
    const used = new Seeded("root");
    used.next();
    expect(used.fork("disk").next()).toBe(fresh);
    expect(used.fork("network").next()).not.toBe(fresh);
  });

  test("exponential draws have their mean and their spread", () => {
    const seeded = new Seeded("exponential");
    const draws = Array.from({ length: MANY }, () => seeded.exponential(10));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / MANY;
    const beyondMean = draws.filter((draw) => draw > 10).length / MANY;
    expect(mean).toBeGreaterThan(9.5);
    expect(mean).toBeLessThan(10.5);
    // e^-1 of all draws exceed the mean.
    expect(Math.abs(beyondMean - 0.368)).toBeLessThan(0.02);
  });

  test("whole numbers keep to their bounds and reach them", () => {
    const seeded = new Seeded("whole");
    const drawn = new Set(Array.from({ length: 200 }, () => seeded.whole(2, 5)));
    expect([...drawn].sort()).toEqual([2, 3, 4, 5]);
  });

  test("shuffling loses nothing", () => {
    const seeded = new Seeded("shuffle");
    const shuffled = seeded.shuffled([1, 2, 3, 4, 5, 6, 7]);
    expect(shuffled).not.toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(shuffled.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(() => seeded.pick([])).toThrow(RangeError);
  });
});
