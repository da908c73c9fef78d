import { expect, test } from "bun:test";
import { bowBetween, ringOf } from "../../../../src/api/dashboard/page/view/ring";

test("nodes stand in the order of their ids, whatever order they are told in", () => {
  expect(ringOf([3, 1, 2]).map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(ringOf([3, 1, 2])).toEqual(ringOf([1, 2, 3]));
});

test("one stands in the middle, two beside each other, three with the first on top", () => {
  expect(ringOf([7])).toEqual([{ id: 7, x: 0.5, y: 0.5 }]);
  const [left, right] = ringOf([1, 2]);
  expect(left?.x).toBeLessThan(0.5);
  expect(right?.x).toBeGreaterThan(0.5);
  expect(left?.y).toBeCloseTo(right?.y ?? 0);
  const [top, ...others] = ringOf([1, 2, 3]);
  for (const other of others) expect(other.y).toBeGreaterThan(top?.y ?? 1);
});

test("every ring is within the figure, and its middle is the figure's", () => {
  for (let size = 1; size <= 9; size++) {
    const ys = ringOf(Array.from({ length: size }, (_, at) => at + 1)).map(({ y }) => y);
    expect(Math.min(...ys)).toBeGreaterThan(0.1);
    expect(Math.max(...ys)).toBeLessThan(0.9);
    expect(Math.min(...ys) + Math.max(...ys)).toBeCloseTo(1);
  }
});

test("the way back is another than the way there", () => {
  const [one, other] = [
    { id: 1, x: 0, y: 0 },
    { id: 2, x: 1, y: 0 },
  ];
  const size = { width: 120, height: 100 };
  const there = bowBetween(one, other, size);
  expect(there).toEqual({ path: "M0 0Q60 20 120 0", middle: { x: 60, y: 10 } });
  expect(bowBetween(other, one, size).middle).toEqual({ x: 60, y: -10 });
});
