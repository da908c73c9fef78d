import { expect, test } from "bun:test";
import {
  type LoadColumns,
  loadOf,
  SAMPLES_MAX,
  withLoad,
} from "../../../../src/api/dashboard/page/view/load";
import { liveOf, requests } from "../samples";

test("rates add up; of latencies the slowest node's is told", () => {
  const writes = [
    requests({ per_second: 10, p50_ms: 1, p99_ms: 9, under_way: 2, failed: 1 }),
    requests({ per_second: 5, p50_ms: 3, p99_ms: 4 }),
  ];
  expect(loadOf(writes.map((one, at) => liveOf(at + 1, { writes: one })))).toMatchObject({
    writesPerSecond: 15,
    writeP50Ms: 3,
    writeP99Ms: 9,
    readsPerSecond: null,
    readP99Ms: null,
    syncsPerSecond: 10,
    underWay: 2,
    failed: 1,
  });
});

test("where nobody says anything, nothing is known", () => {
  expect(loadOf([])).toMatchObject({ writesPerSecond: null, writeP50Ms: null, underWay: 0 });
});

test("the plots hold the newest samples, times and values in step", () => {
  let columns: LoadColumns = { times: [], loads: [] };
  for (let at = 0; at < SAMPLES_MAX + 3; at++) columns = withLoad(columns, at * 1_000, loadOf([]));
  expect([columns.times.length, columns.loads.length]).toEqual([SAMPLES_MAX, SAMPLES_MAX]);
  expect([columns.times[0], columns.times.at(-1)]).toEqual([3, SAMPLES_MAX + 2]);
});
