/** `bun run bench` before it starts anything. */
import { describe, expect, test } from "bun:test";
import { findScenarios } from "../../bench/find-scenarios";
import { readFlags } from "../../bench/flags";
import { fileSystemOf, versionIn } from "../../bench/machine-facts";
import { REQUIREMENTS, whatIsMissing, whyNoDisk } from "../../bench/preflight";
import { inTurns, rotated } from "../../bench/rounds";

describe("flags", () => {
  const known = ["set", "get"];
  test("have their defaults", () => {
    const all = { only: null, rounds: 5, isQuick: false, jsonFile: null, isListing: false };
    expect(readFlags([], known)).toEqual(all);
    expect(readFlags(["--quick"], known)).toEqual({ ...all, rounds: 1, isQuick: true });
    expect(readFlags(["--quick", "--rounds", "3"], known).rounds).toBe(3);
  });
  test("choose scenarios and a file", () => {
    const { jsonFile, only } = readFlags(["--only", "get,set", "--json", "x.json"], known);
    expect(only).toEqual(["get", "set"]);
    expect(jsonFile).toBe("x.json");
  });
  test("that make no sense are refused", () => {
    for (const words of [["--rounds", "0"], ["--rounds", "two"], ["--fast"], ["set"]]) {
      expect(() => readFlags(words, known)).toThrow();
    }
    expect(() => readFlags(["--only", "got"], known)).toThrow("there are set, get");
  });
});

describe("what is needed", () => {
  test("and missing is told with the way to get it", () => {
    const missing = new Set(["wrk", "redis-cli", "redis-benchmark"]);
    expect(whatIsMissing(REQUIREMENTS, (program) => !missing.has(program))).toBe(
      "missing: redis-benchmark, redis-cli, wrk; install: apt-get install redis-tools wrk",
    );
  });
  test("is a disk", () => {
    expect(whyNoDisk("/tmp", "tmpfs")).toContain("set TMPDIR");
    expect(whyNoDisk("/tmp", "ext4")).toBeNull();
    expect(fileSystemOf("/proc")).toBe("proc");
    expect(fileSystemOf("/proc/self")).toBe("proc");
  });
  test("and there is not talked about", () => {
    expect(whatIsMissing(REQUIREMENTS, () => true)).toBeNull();
  });
});

describe("turns", () => {
  test("nobody is always first", () => {
    expect(rotated(["a", "b", "c"], 4)).toEqual(["b", "c", "a"]);
    expect(rotated([], 3)).toEqual([]);
  });
  test("what is compared follows each other", async () => {
    const seen: string[] = [];
    const plan = { rounds: 2, variants: [1, 64], contestants: ["a", "b"] };
    await inTurns(plan, async ({ round, variant, contestant }) => {
      seen.push(`${round}:${variant}${contestant}`);
    });
    expect(seen).toEqual([
      ...["1:1a", "1:1b", "1:64b", "1:64a"],
      ...["2:1b", "2:1a", "2:64a", "2:64b"],
    ]);
  });
});

test("every scenario is found, in its place, with columns and words", async () => {
  const scenarios = await findScenarios();
  expect(scenarios.map(({ name }) => name).slice(0, 3)).toEqual(["set", "get", "get-stale"]);
  for (const { about, columns, plots, title } of scenarios) {
    expect([about, title].every((text) => text.length > 0)).toBe(true);
    expect(Math.min(columns.length, plots.length)).toBeGreaterThan(0);
  }
});

test("a version is found among other words", () => {
  expect(versionIn("etcd Version: 3.4.23")).toBe("3.4.23");
  expect(versionIn("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0")).toBe("7.0.15");
  expect(versionIn("wrk debian/4.1.0-3+b2 [epoll]")).toBe("4.1.0");
  expect(versionIn("unknown")).toBe("unknown");
});
