import { expect, test } from "bun:test";
import {
  bytes,
  clockTime,
  count,
  duration,
  rate,
  shortened,
} from "../../../../src/api/dashboard/page/view/formats";

test("durations keep two digits that matter, and change unit before they are long", () => {
  const cases: readonly (readonly [ms: number | null, text: string])[] = [
    [null, "–"],
    [0, "0.00 ms"],
    [0.42, "0.42 ms"],
    [0.999, "1.0 ms"],
    [9.94, "9.9 ms"],
    [9.96, "10 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [9_960, "10 s"],
    [59_400, "59 s"],
    [59_600, "1 min"],
    [3_600_000, "1 h"],
    [86_400_000, "1 d"],
  ];
  for (const [ms, text] of cases) expect(duration(ms)).toBe(text);
});

test("counts are grouped, rates small enough have a digit more, and nothing is a dash", () => {
  expect([count(12_345), count(0), count(null)]).toEqual(["12,345", "0", "–"]);
  expect([rate(0), rate(0.84), rate(9.96), rate(1_234.5), rate(null)]).toEqual([
    "0",
    "0.8",
    "10",
    "1,235",
    "–",
  ]);
});

test("bytes have the largest unit that leaves one before the point", () => {
  const cases = [0, 1_023, 1_024, 1_536, 120 * 1_024, 3 * 1_024 ** 3];
  expect(cases.map(bytes)).toEqual(["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "120 KiB", "3.0 GiB"]);
});

test("a time of day has milliseconds, in the zone asked for", () => {
  expect(clockTime(1_700_000_000_123, "UTC")).toBe("22:13:20.123");
  expect(clockTime(1_700_000_000_123, "Asia/Tokyo")).toBe("07:13:20.123");
});

test("a text is cut so that it has the length asked for", () => {
  expect([shortened("balsa", 5), shortened("balsam", 5)]).toEqual(["balsa", "bals…"]);
});
