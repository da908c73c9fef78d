/** What is promised to be reached, and how it is told whether it was. */
import { describe, expect, test } from "bun:test";
import type { Results } from "../../bench/measurement";
import { Figures } from "../../bench/verdict/figures";
import { outcomeOf } from "../../bench/verdict/target";
import { TARGETS, verdictTable } from "../../bench/verdict/verdict";
import { measured, resultsOf } from "./sample-results";

/** The target whose claim begins so, as it stands in `results`. */
function measuredOf(claim: string, results: Results): number | null {
  const targets = TARGETS.filter((target) => target.claim.startsWith(claim));
  expect(targets).toHaveLength(1);
  return targets[0]?.measured(new Figures(results)) ?? null;
}

test("a limit that is just reached is met", () => {
  expect(outcomeOf({ wanted: "at least", limit: 5 }, 5)).toBe("met");
  expect(outcomeOf({ wanted: "at least", limit: 5 }, 4.99)).toBe("missed");
  expect(outcomeOf({ wanted: "at most", limit: 0.3 }, 0.3)).toBe("met");
  expect(outcomeOf({ wanted: "at most", limit: 0.3 }, 0.31)).toBe("missed");
  expect(outcomeOf({ wanted: "at most", limit: 0.3 }, null)).toBe("not measured");
});

test("without results nothing is measured, and nothing is met", () => {
  for (const { measured: of } of TARGETS) expect(of(new Figures({}))).toBeNull();
  const rows = verdictTable({}).split("\n").slice(2);
  expect(rows).toHaveLength(TARGETS.length);
  expect(rows.every((row) => row.includes("| not measured"))).toBe(true);
});

describe("against others", () => {
  const results = resultsOf(
    measured("set", "balsa", "64", { ratePerSecond: [900, 1000, 1100] }),
    measured("set", "etcd", "64", { ratePerSecond: [190, 200, 300] }),
    measured("set", "redis", "64", { ratePerSecond: [4000] }),
    measured("set", "balsa", "1", { p50Ms: [0.5] }),
    measured("set", "etcd", "1", { p50Ms: [2] }),
  );
  test("it is the ratio of medians, ours by theirs", () => {
    expect(measuredOf("set, 64 connections, against etcd", results)).toBe(5);
    expect(measuredOf("set, 64 connections, against one Redis", results)).toBe(0.25);
    expect(measuredOf("single-client latency, against etcd", results)).toBe(0.25);
    expect(measuredOf("single-client latency, against one Redis", results)).toBeNull();
  });
  test("a missed goal is told as one", () => {
    const rows = verdictTable(results).split("\n");
    expect(rows.find((row) => row.includes("64 connections, against etcd"))).toMatch(
      /\| met +\| +at least 5.00× \| +5.00× \|$/,
    );
    expect(rows.find((row) => row.includes("64 connections, against one R"))).toContain(
      "missed (a goal)",
    );
  });
});

describe("of its own", () => {
  const of = (variant: string, metrics: Readonly<Record<string, number>>, scenario: string) =>
    measured(
      scenario,
      "balsa",
      variant,
      Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, [value]])),
    );

  test("growth compares the most keys with the fewest, and memory with etcd", () => {
    const results = resultsOf(
      of("1,000", { ratePerSecond: 100, bytesPerNode: 5 }, "growth"),
      of("100,000", { ratePerSecond: 10 }, "growth"),
      of("1,000,000", { ratePerSecond: 80, bytesPerNode: 60 }, "growth"),
      measured("growth", "etcd", "1,000,000", { bytesPerNode: [40] }),
    );
    expect(measuredOf("sets with the most keys", results)).toBe(0.8);
    expect(measuredOf("memory per node", results)).toBe(1.5);
  });
  test("recovery is told by its slope, and by how straight it is", () => {
    const at = (entries: number, recoveryS: number) =>
      of(`${entries}`, { entries, recoveryS }, "recovery");
    const straight = resultsOf(at(0, 0.3), at(50_000, 0.5), at(100_000, 0.7));
    expect(measuredOf("recovery, by the slope", straight)).toBeCloseTo(250_000);
    expect(measuredOf("recovery of an entry", straight)).toBeCloseTo(1);
    const bent = resultsOf(at(0, 0.3), at(50_000, 0.5), at(100_000, 1.1));
    expect(measuredOf("recovery of an entry", bent)).toBeCloseTo(3);
  });
  test("recovery is not told from two lengths, nor from noise", () => {
    const at = (entries: number, recoveryS: number) =>
      of(`${entries}`, { entries, recoveryS }, "recovery");
    for (const claim of ["recovery, by the slope", "recovery of an entry"]) {
      expect(measuredOf(claim, resultsOf(at(0, 0.3), at(9, 1)))).toBeNull();
      expect(measuredOf(claim, resultsOf(at(0, 0.9), at(5, 0.5), at(9, 0.4)))).toBeNull();
    }
  });
  test("a slow disk is compared with the same nodes on ordinary ones", () => {
    const results = resultsOf(
      of("none", { ratePerSecond: 100 }, "slow-disk"),
      of("a follower's", { ratePerSecond: 97 }, "slow-disk"),
      of("the leader's", { ratePerSecond: 30, slowSyncsTold: 0 }, "slow-disk"),
    );
    expect(measuredOf("sets with a slow follower", results)).toBe(0.97);
    expect(measuredOf("a leader with a slow disk", results)).toBe(0);
  });
  test("overload is compared with the peak", () => {
    const results = resultsOf(
      of("1,000", { ratePerSecond: 1000, p50Ms: 40 }, "overload"),
      of("12,000", { ratePerSecond: 950, refusalP99Ms: 850, elections: 1 }, "overload"),
    );
    expect(measuredOf("sets under overload", results)).toBe(0.95);
    expect(measuredOf("a refusal under overload", results)).toBe(850);
    expect(measuredOf("elections under overload", results)).toBe(1);
  });
});
