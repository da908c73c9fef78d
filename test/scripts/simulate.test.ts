/** `bun run simulate`, as a person types it. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
/** Units: ms. */
const TIMEOUT_MS = 30_000;

function simulate(...args: readonly string[]) {
  const { exitCode, stderr, stdout } = Bun.spawnSync(
    [process.execPath, "scripts/simulate.ts", ...args],
    { cwd: root },
  );
  return { exitCode, told: stdout.toString(), complaint: stderr.toString() };
}

describe("bun run simulate", () => {
  test(
    "replays a seed, the same each time",
    () => {
      const { exitCode, told } = simulate("--seed", "4");
      expect(exitCode).toBe(0);
      // Thousands of lines, which nobody wants to read should this fail.
      expect(/leader of term \d+ +elected leader/.test(told)).toBe(true);
      expect(told.trim().split("\n").slice(-2)).toEqual([
        "every promise was kept",
        expect.stringMatching(/trace [0-9a-f]{8}$/),
      ]);
      expect(simulate("--seed", "4").told === told).toBe(true);
    },
    TIMEOUT_MS,
  );

  test(
    "says which promise a mutant breaks, and fails",
    () => {
      const { exitCode, told } = simulate("--seed", "1", "--mutant", "M02");
      expect(exitCode).toBe(1);
      expect(told).toMatch(/\nI3 nothing regresses: node \d changes its vote/);
    },
    TIMEOUT_MS,
  );

  test(
    "searches on all cores and sums up",
    () => {
      const { exitCode, complaint, told } = simulate("--seeds", "3", "--from", "7");
      expect(complaint).toContain("3/3 seeds, 0 failed");
      expect(told).toMatch(/^3 seeds, \d+ events in/);
      expect(told).toMatch(/\ndone: .*write \d+/);
      expect(told).toMatch(/\nmarks: .*a leader was deposed \d/);
      expect(exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );

  test("refuses what makes no sense", () => {
    for (const args of [[], ["--seeds", "none"], ["--seed", "1", "--mutant", "M99"]]) {
      expect(simulate(...args).exitCode).toBe(2);
    }
  });
});
