/** A machine that stood still spoils what was measured meanwhile. */
import { expect, test } from "bun:test";
import { STANDSTILL_MS, undisturbed, type Watched, watched } from "../../bench/standstill";

/** Work that numbers its runs, watched by someone who has seen these pauses. */
function rig(pausesMs: readonly number[], work: (run: number) => Promise<number>) {
  const said: string[] = [];
  let runs = 0;
  const watch = async <Result>(task: () => Promise<Result>): Promise<Watched<Result>> => {
    const longestPauseMs = pausesMs[runs++] ?? 0;
    const [outcome] = await Promise.allSettled([task()]);
    return { outcome, longestPauseMs };
  };
  const result = undisturbed(() => work(runs), { say: (line) => said.push(line), watch });
  return { result, said };
}

test("what was not disturbed counts at once", async () => {
  const { result, said } = rig([STANDSTILL_MS - 1], async (run) => run);
  expect(await result).toBe(1);
  expect(said).toEqual([]);
});

test("what was disturbed is done again, whether it failed or not", async () => {
  const { result, said } = rig([STANDSTILL_MS, 90_000.4], async (run) => {
    if (run === 2) throw new Error("an election");
    return run;
  });
  expect(await result).toBe(3);
  expect(said).toEqual([
    `the machine stood still for ${STANDSTILL_MS} ms: once more`,
    "the machine stood still for 90000 ms: once more",
  ]);
});

test("a failure on a machine that ran is one", () => {
  const { result } = rig([], async () => {
    throw new Error("refused");
  });
  expect(result).rejects.toThrow("refused");
});

test("a machine that always stands still is given up", () => {
  const { result } = rig(Array(9).fill(STANDSTILL_MS), async (run) => run);
  expect(result).rejects.toThrow("stood still 4 times");
});

test("a pause of this process is seen", async () => {
  const { longestPauseMs, outcome } = await watched(async () => {
    const endMs = performance.now() + 150;
    while (performance.now() < endMs);
    return "done";
  });
  expect(outcome).toEqual({ status: "fulfilled", value: "done" });
  expect(longestPauseMs).toBeGreaterThanOrEqual(45);
});
