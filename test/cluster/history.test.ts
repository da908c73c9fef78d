import { expect, test } from "bun:test";
import { type Fate, fateOfWrite, History, revisionContradictions } from "./harness/history";

/** A history of writes that follow each other, with the revisions they were given. */
async function inOrder(revisions: readonly number[]): Promise<History> {
  const history = new History();
  for (const [at, revision] of revisions.entries()) {
    const fate: Fate = { kind: "written", revision };
    const wish = { kind: "set", value: `v${at}` } as const;
    // Two writes within one tick of the clock would count as concurrent.
    const tick = performance.now();
    while (performance.now() === tick);
    await history.record(0, `k${at}`, wish, async () => fate);
  }
  return history;
}

test("revisions that rise with time contradict nothing", async () => {
  expect(revisionContradictions(await inOrder([1, 2, 5, 6]))).toEqual([]);
});

test("a revision given twice is found", async () => {
  expect(revisionContradictions(await inOrder([1, 2, 2]))).toContain("revision 2 on k1 and on k2");
});

test("a later write with a lower revision is found", async () => {
  expect(revisionContradictions(await inOrder([1, 7, 4]))).toEqual([
    "k2 got revision 4 after 7 had been given",
  ]);
});

test("writes that overlap may get their revisions in either order", async () => {
  const history = new History();
  const wish = { kind: "set", value: "v" } as const;
  const answers: (() => void)[] = [];
  const write = (key: string, revision: number) =>
    history.record(0, key, wish, () => {
      return new Promise((resolve) => answers.push(() => resolve({ kind: "written", revision })));
    });
  const both = [write("a", 2), write("b", 1)];
  for (const answer of answers) answer();
  await Promise.all(both);
  expect(revisionContradictions(history)).toEqual([]);
});

test("a refusal without an outcome counts as unknown", () => {
  const refusal = { ok: false, status: 504, code: "timeout", detail: "" } as const;
  expect(fateOfWrite({ ...refusal, outcome: "not_applied" }).kind).toBe("not_applied");
  expect(fateOfWrite({ ...refusal, outcome: "unknown" }).kind).toBe("unknown");
  expect(fateOfWrite({ ...refusal, outcome: null }).kind).toBe("unknown");
});
