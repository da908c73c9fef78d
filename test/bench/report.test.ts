/** The page, its plots and its results belong together. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findScenarios } from "../../bench/find-scenarios";
import { drawn } from "../../bench/plots";
import {
  factsInWords,
  latestResults,
  report,
  resultsInMarkdown,
  withResults,
} from "../../bench/report";
import { projectRoot } from "../architecture/source";
import { facts, measured, resultsOf } from "./sample-results";

const scenarios = await findScenarios();
const page = join(projectRoot, "bench/README.md");
const text = readFileSync(page, "utf8");
const results = resultsOf(
  measured("set", "balsa", "1", { ratePerSecond: [1000], p99Ms: [3] }),
  measured("set", "redis", "1", { ratePerSecond: [2000], p99Ms: [0.04] }),
);

describe("bench/README.md", () => {
  test("shows the latest results as they are", async () => {
    const generated = resultsInMarkdown(await latestResults(), scenarios);
    // A page of tables, which nobody wants to read twice should this fail.
    expect(withResults(text, generated) === text).toBe(true);
  });
  test("links to what is there", () => {
    const targets = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? "");
    expect(targets.length).toBeGreaterThan(5);
    const missing = targets.filter((target) => !existsSync(join(dirname(page), target)));
    expect(missing).toEqual([]);
  });
});

describe("a report", () => {
  test("has what was measured, and the verdict", () => {
    const told = report(results, scenarios);
    expect(told).toContain("\nSets\n");
    expect(told).not.toContain("Failover\n");
    expect(told).toMatch(/\n\| target .*\n\| --/);
    expect(told).not.toContain("not measured");
  });
  test("in Markdown has plots and the machine", () => {
    const told = resultsInMarkdown(results, scenarios);
    expect(told).toContain("![Sets](results/set-bars-ratePerSecond.svg)");
    expect(told).toContain("<sub>Measured 2030-01-02 at revision abc1234, 3 rounds; 2 cores");
    expect(told).not.toContain("decide nothing");
  });
  test("of a quick run says so", () => {
    const quick = { ...facts, isQuick: true };
    expect(factsInWords(quick)).toContain("quickly: worth little");
    const { set } = results;
    const told = resultsInMarkdown({ set: { measurements: [], ...set, facts: quick } }, scenarios);
    expect(told).toContain("they decide nothing");
  });
  test("takes the place of the one before", () => {
    const before = "a\n<!-- results -->\nold\n<!-- end of results -->\nb";
    expect(withResults(before, "new")).toBe(
      "a\n<!-- results -->\n\nnew\n\n<!-- end of results -->\nb",
    );
    expect(() => withResults("no marks", "new")).toThrow("no place");
  });
});

describe("a plot", () => {
  const measurements = results.set?.measurements ?? [];
  const scenario = { title: "Sets", axis: "connections" };

  test("of bars names peers, variants and values", () => {
    const svg = drawn(scenario, measurements, { kind: "bars", metric: "ratePerSecond" });
    expect(svg).toStartWith("<svg ");
    for (const word of ["Balsa", "Redis", "connections", "requests/s", "1,000", "2,000"]) {
      expect(svg).toContain(`>${word}<`);
    }
    expect(svg).not.toContain("etcd");
  });
  test("of points has a place for what is below one", () => {
    const svg = drawn(scenario, measurements, { kind: "points", metric: "p99Ms" });
    for (const word of ["p99, ms", "0.04", "3"]) expect(svg).toContain(`>${word}<`);
  });
  test("of a distribution goes up to all", () => {
    const kills = measured("failover", "balsa", "kill", { failoverMs: [500, 900, 700] });
    const svg = drawn(scenario, kills, { kind: "distribution", metric: "failoverMs" });
    expect(svg).toContain(">share of the measurements, %<");
    expect(svg).toContain(">100<");
  });
  test("of a line has its own scale, and memory is in MiB", () => {
    const sizes = [1, 2].flatMap((mib) =>
      measured("growth", "balsa", `${mib}`, { keys: [mib], bytesPerNode: [mib * 1024 ** 2] }),
    );
    const plot = { kind: "line", metric: "bytesPerNode", over: "keys" } as const;
    const svg = drawn(scenario, sizes, plot);
    expect(svg).toContain(">memory per node, MiB<");
    expect(svg).toContain(">keys present<");
    expect(svg).not.toContain("NaN");
  });
});
