import { expect, test } from "bun:test";
import { Latencies, percentiles } from "../../src/observe/latencies";

test("percentiles are of what was added in between, within an eighth", () => {
  const latencies = new Latencies();
  for (let count = 0; count < 100; count++) latencies.add(60);
  const before = latencies.read();
  for (let ms = 1; ms <= 1_000; ms++) latencies.add(ms / 1_000);
  const found = percentiles(before, latencies.read());
  for (const [part, ms] of Object.entries({ p50: 500, p90: 900, p99: 990 })) {
    const value = found?.[part as "p50"] ?? 0;
    expect(Math.abs(value - ms) / ms).toBeLessThan(1 / 8);
  }
});

test("nothing added, nothing known", () => {
  const counts = new Latencies().read();
  expect(percentiles(counts, counts)).toBeNull();
});

test("no duration falls out of the buckets", () => {
  const latencies = new Latencies();
  const none = latencies.read();
  for (const seconds of [0, 1e-9, 4e-6, 1, 130, 1e9, Number.POSITIVE_INFINITY]) {
    latencies.add(seconds);
  }
  const total = latencies.read().reduce((sum, count) => sum + count, 0);
  expect(total).toBe(7);
  expect(percentiles(none, latencies.read())?.p99).toBeGreaterThan(100_000);
});
