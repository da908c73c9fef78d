/** The arithmetic that every figure rests on. */
import { describe, expect, test } from "bun:test";
import { median, quantile, ratioOfMedians, slope } from "../../bench/statistics";
import { randomFrom } from "../seeded-random";

describe("quantiles", () => {
  test("lie between the values, whatever their order", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([10, 20], 0.9)).toBeCloseTo(19);
    expect(quantile([5, 7, 6], 1)).toBe(7);
    expect(quantile([5], 0.1)).toBe(5);
  });
  test("of nothing are an error", () => expect(() => median([])).toThrow("no values"));
});

describe("a slope", () => {
  test("is that of the line through the points", () => {
    expect(
      slope([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
    ).toBeCloseTo(2);
    expect(
      slope([
        [0, 0],
        [1, 2],
        [2, 2],
      ]),
    ).toBeCloseTo(1);
  });
  test("needs two places", () => {
    expect(() =>
      slope([
        [1, 1],
        [1, 2],
      ]),
    ).toThrow("two places");
    expect(() => slope([])).toThrow("two places");
  });
});

describe("a ratio of medians", () => {
  const random = () => randomFrom(1).random;

  test("has an interval around it", () => {
    const { estimate, high, low } = ratioOfMedians([20, 21, 22, 23], [10, 10, 11, 11], random());
    expect(estimate).toBeCloseTo(21.5 / 10.5);
    expect(low).toBeLessThan(estimate);
    expect(high).toBeGreaterThan(estimate);
    expect(low).toBeGreaterThan(1.7);
    expect(high).toBeLessThan(2.4);
  });
  test("of values that never vary is certain", () => {
    const certain = { estimate: 0.5, low: 0.5, high: 0.5 };
    expect(ratioOfMedians([1, 1, 1], [2, 2], random())).toEqual(certain);
  });
  test("of noise leaves it open which is larger", () => {
    const noise = random();
    const draw = () => Array.from({ length: 9 }, () => 100 + noise());
    const { high, low } = ratioOfMedians(draw(), draw(), noise);
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
  });
});
