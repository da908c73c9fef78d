/** The pieces that are timed alone: each still runs, and two revisions are told apart. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { compare, comparisonTable, type MicroRun } from "../../bench/micro/comparison";
import type { MicroBenchmark } from "../../bench/micro/micro-benchmark";

const folder = join(import.meta.dir, "../../bench/micro/suites");
const files = [...new Bun.Glob("*.ts").scanSync({ cwd: folder })].sort();

const suites = await Promise.all(
  files.map(async (file): Promise<readonly MicroBenchmark[]> => {
    const suite: { readonly default: readonly MicroBenchmark[] } = await import(join(folder, file));
    return suite.default;
  }),
);
const pieces = suites.flat();

describe("every piece", () => {
  test("has a name of its own", () => {
    expect(new Set(pieces.map(({ name }) => name)).size).toBe(pieces.length);
    expect(pieces.length).toBeGreaterThan(10);
  });
  for (const { name, operations, prepare } of pieces) {
    test(`runs: ${name}`, async () => {
      await prepare()();
      expect(operations).toBeGreaterThan(0);
    });
  }
});

describe("two revisions", () => {
  const runs = (side: MicroRun["side"], times: readonly number[]): readonly MicroRun[] =>
    times.map((nanoseconds) => ({ side, results: [{ name: "append", nanoseconds }] }));
  const verdictOf = (base: readonly number[], present: readonly number[]) => {
    const both = [...runs("base", base), ...runs("present", present)];
    return comparisonTable(compare(both), "main").split("\n")[2];
  };

  test("differ where the interval leaves one out", () => {
    expect(verdictOf([2000, 2010, 2020], [1000, 1005, 1010])).toMatch(
      /^\| append \| faster +\| +2.010 µs \| +1.005 µs \| +0.500× \| +0.500–0.500 \|$/,
    );
    expect(verdictOf([1000, 1005, 1010], [2000, 2010, 2025])).toContain("| slower ");
  });
  test("are the same where it does not", () => {
    expect(verdictOf([1000, 1500, 1200], [1100, 1400, 1000])).toContain("the same, as far");
  });
  test("are not judged by one round", () => {
    expect(verdictOf([1000], [2000])).toContain("one round tells nothing");
  });
  test("are not compared where one side cannot run", () => {
    const both: readonly MicroRun[] = [
      { side: "base", results: [{ name: "append", failure: "no such export" }] },
      ...runs("present", [1000]),
    ];
    const failure = "no such export";
    const one = { name: "append", base: null, present: 1000, ratio: null, failure };
    expect(compare(both)).toEqual([one]);
    expect(comparisonTable(compare(both), "main")).toContain("not timed: no such export");
  });
  test("one alone has its times", () => {
    const table = comparisonTable(compare(runs("present", [1500, 1400])), null);
    expect(table.split("\n")[2]).toMatch(/^\| append \| +\| +1.450 µs \|$/);
  });
});
