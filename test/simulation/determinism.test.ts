/** The same seed is the same run, to the last byte: in one process, and in another. */
import { describe, expect, test } from "bun:test";
import { TraceHash } from "../../src/simulation/trace-hash";
import { drawScenario } from "./draw-scenario";
import { Run } from "./run";
import { cutAt } from "./shrink";

/** The last on streams. */
const SEEDS = ["determinism-1", "determinism-2", "determinism-5"];

/** Of each run. Units: ms. */
const DURATION_MS = 5000;

function hashOf(seed: string): string {
  const run = new Run(cutAt(drawScenario(seed), DURATION_MS));
  const trace = new TraceHash(run.cluster);
  run.carryOut();
  return trace.value;
}

describe("determinism", () => {
  for (const seed of SEEDS) {
    test(`${seed} twice in one process`, () => {
      expect(hashOf(seed)).toBe(hashOf(seed));
    });
  }

  test("both kinds of network are among them", () => {
    const kinds = SEEDS.map((seed) => drawScenario(seed).setup.streams);
    expect(kinds).toEqual([false, false, true]);
  });

  test("other seeds are other runs", () => {
    expect(new Set(SEEDS.map(hashOf)).size).toBe(SEEDS.length);
  });

  test("another process", () => {
    const script = `
      import { TraceHash } from "./src/simulation/trace-hash";
      import { drawScenario } from "./test/simulation/draw-scenario";
      import { Run } from "./test/simulation/run";
      import { cutAt } from "./test/simulation/shrink";
      for (const seed of ${JSON.stringify(SEEDS)}) {
        const run = new Run(cutAt(drawScenario(seed), ${DURATION_MS}));
        const trace = new TraceHash(run.cluster);
        run.carryOut();
        console.log(trace.value);
      }`;
    const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", script]);
    expect(stderr.toString()).toBe("");
    expect(stdout.toString().trim().split("\n")).toEqual(SEEDS.map(hashOf));
    // A process of its own compiles everything anew, on a machine that may have other work.
  }, 60_000);
});
