/** Results as people read them. */
import { describe, expect, test } from "bun:test";
import { written, writtenRatio } from "../../bench/numbers";
import { mediansOf } from "../../bench/scenario";
import { advantage, summarized } from "../../bench/summary";
import { markdownTable, scenarioTable } from "../../bench/tables";
import { measured } from "./sample-results";

test("numbers have about three digits and a unit", () => {
  expect(written("p50Ms", 0.21435)).toBe("0.214 ms");
  expect(written("p99Ms", 3.414)).toBe("3.41 ms");
  expect(written("p99Ms", 1204.4)).toBe("1,204 ms");
  expect(written("ratePerSecond", 45123.7)).toBe("45,124");
  expect(written("residentBytes", 3 * 1024 ** 2)).toBe("3 MiB");
  expect(written("clientCpuShare", 0.5)).toBe("50 %");
  expect(written("recoveryS", 0.5)).toBe("0.500 s");
  expect(written("errors", null)).toBe("–");
  expect(writtenRatio(4.5678)).toBe("4.57×");
  expect(writtenRatio(null)).toBe("");
});

test("a table is aligned: words to the left, numbers to the right", () => {
  expect(markdownTable(["who", "what", "n"], [["a", "b", "1,000"]]).split("\n")).toEqual([
    "| who | what |     n |",
    "| --- | ---- | ----: |",
    "| a   | b    | 1,000 |",
  ]);
});

describe("what measurements come to", () => {
  const measurements = [
    ...measured("set", "balsa", "64", { ratePerSecond: [100, 300, 200], p99Ms: [4, 2, 3] }),
    ...measured("set", "etcd", "64", { ratePerSecond: [50], p99Ms: [6] }),
  ];
  const balsa = { variant: "64", peer: "balsa" } as const;

  test("is a quantile of one variant of one peer", () => {
    const column = { metric: "ratePerSecond", quantile: 0.5 } as const;
    expect(summarized(measurements, balsa, column)).toBe(200);
    expect(summarized(measurements, balsa, { ...column, quantile: 1 })).toBe(300);
    expect(summarized(measurements, { ...balsa, peer: "redis" }, column)).toBeNull();
    expect(summarized(measurements, balsa, { ...column, metric: "errors" })).toBeNull();
  });
  test("is better when it is more, or less, as the metric goes", () => {
    expect(advantage("ratePerSecond", 200, 50)).toBe(4);
    expect(advantage("p99Ms", 3, 6)).toBe(2);
    expect(advantage("keys", 3, 6)).toBeNull();
    expect(advantage("p99Ms", 3, null)).toBeNull();
  });
  test("stands in a row for each peer, compared by the first column", () => {
    const columns = mediansOf("ratePerSecond", "p99Ms");
    const table = scenarioTable({ axis: "connections", columns }, measurements).split("\n");
    expect(table[0]).toBe("| connections |       | requests/s |     p99 | Balsa is |");
    expect(table[2]).toBe("| 64          | Balsa |        200 | 3.00 ms |          |");
    expect(table[3]).toBe("| 64          | etcd  |         50 | 6.00 ms |    4.00× |");
    expect(table).toHaveLength(4);
  });
  test("of one peer alone is not compared", () => {
    const alone = measured("failover", "balsa", "kill", { failoverMs: [1, 2, 9] });
    const columns = [0.5, 0.9, 1].map((quantile) => ({ metric: "failoverMs" as const, quantile }));
    const [heads, , row] = scenarioTable({ axis: "leader", columns }, alone).split("\n");
    expect(heads).toContain("until a write succeeds, p90 | until a write succeeds, longest |");
    expect(row?.split("|").map((cell) => cell.trim())).toEqual([
      ...["", "kill", "Balsa", "2.00 ms", "7.60 ms", "9.00 ms", ""],
    ]);
  });
});
