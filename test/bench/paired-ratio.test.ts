import { expect, test } from "bun:test";
import { pairedRatio } from "../../bench/paired-ratio";
import { randomFrom } from "../seeded-random";

const { random } = randomFrom(1);

test("what varies from pair to pair alike takes nothing from the ratio", () => {
  const baselines = Array.from({ length: 24 }, () => 1_000 * (1 + 9 * random()));
  const { high, low, ratio } = pairedRatio(
    baselines.map((rate) => 0.97 * rate),
    baselines,
  );
  for (const bound of [low, ratio, high]) expect(bound).toBeCloseTo(0.97, 9);
});

test("the interval holds the truth about 95 times in 100", () => {
  const rounds = 400;
  let held = 0;
  for (let round = 0; round < rounds; round++) {
    const noisy = (rate: number) => Array.from({ length: 20 }, () => rate * (0.8 + 0.4 * random()));
    const { high, low } = pairedRatio(noisy(950), noisy(1_000));
    if (low <= 0.95 && 0.95 <= high) held += 1;
  }
  expect(held / rounds).toBeGreaterThan(0.9);
  expect(held / rounds).toBeLessThan(1);
});

test("one pair has no interval", () => {
  expect(() => pairedRatio([1], [1])).toThrow("two pairs");
});
