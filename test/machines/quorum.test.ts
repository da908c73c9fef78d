import { describe, expect, test } from "bun:test";
import { majority, quorumValue } from "../../src/machines/quorum";
import { randomFrom } from "../seeded-random";

test("a majority is more than half, of even sizes too (M24)", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(majority)).toEqual([1, 2, 2, 3, 3, 4, 4]);
});

describe("the highest value that a majority has reached", () => {
  test("of odd and even sizes, in any order", () => {
    expect(quorumValue([7])).toBe(7);
    expect(quorumValue([7, 3])).toBe(3);
    expect(quorumValue([3, 9, 7])).toBe(7);
    expect(quorumValue([9, 3, 7, 1])).toBe(3);
    expect(quorumValue([10, 9, 100, 1, 20])).toBe(10);
  });
  test("leaves its argument alone, and is 0 of nobody", () => {
    const reached = [1, 3, 2];
    expect(quorumValue(reached)).toBe(2);
    expect(reached).toEqual([1, 3, 2]);
    expect(quorumValue([])).toBe(0);
  });
  test("is what counting says, for any values", () => {
    const { below } = randomFrom(1);
    for (let round = 0; round < 500; round++) {
      const reached = Array.from({ length: 1 + below(7) }, () => below(12));
      const holds = (value: number) =>
        reached.filter((one) => one >= value).length >= majority(reached.length);
      const counted = [...reached].sort((a, b) => b - a).find(holds) ?? 0;
      expect(quorumValue(reached)).toBe(counted);
    }
  });
});
