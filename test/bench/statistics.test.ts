/** The arithmetic that every figure rests on. */
import { describe, expect, test } from "bun:test";
import { median, quantile, slope } from "../../bench/statistics";

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
