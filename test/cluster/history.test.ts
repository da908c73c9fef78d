import { expect, test } from "bun:test";
import { fateOfGet, fateOfSet, LoadHistory } from "./harness/history";
import { expectSound } from "./harness/verdict";

const refusal = {
  ok: false,
  status: 504,
  code: "timeout",
  detail: "",
  currentRevision: null,
  isRetryable: false,
} as const;
const answer = { ok: true, status: 200, headers: {} } as const;
const asked = { client: "c", node: 1, key: "k" } as const;

test("a refusal without a clear outcome counts as unknown", () => {
  expect(fateOfSet({ ...refusal, outcome: "not_applied" }).kind).toBe("failed");
  expect(fateOfSet({ ...refusal, outcome: "unknown" }).kind).toBe("unknown");
  expect(fateOfSet({ ...refusal, outcome: null }).kind).toBe("unknown");
});

test("a failed condition is an answer, which the checker holds the store to", () => {
  const code = "precondition_failed";
  const fate = fateOfSet({
    ...refusal,
    code,
    outcome: "not_applied",
    isRetryable: false,
    currentRevision: 7,
  });
  const told = { kind: "preconditionFailed", modRevision: 7, revision: null } as const;
  expect(fate).toEqual({ kind: "answered", answer: told });
});

test("a read of nothing is an answer, a lost read is none", () => {
  expect(fateOfGet({ ...answer, body: {} })).toMatchObject({ answer: { kind: "absent" } });
  expect(fateOfGet({ ...refusal, outcome: null })).toEqual({ kind: "failed", code: "timeout" });
});

/** Two hundred sets one after the other, then a read that answers the value numbered `read`. */
async function historyOf(read: number): Promise<LoadHistory> {
  const history = new LoadHistory();
  for (let at = 1; at <= 200; at++) {
    const call = { kind: "set", value: `v${at}`, condition: null } as const;
    const told = { kind: "set", revision: at } as const;
    await history.record({ ...asked, call }, async () => ({ kind: "answered", answer: told }));
  }
  const told = { kind: "value", value: `v${read}`, modRevision: read } as const;
  await history.record({ ...asked, call: { kind: "get" } }, async () => ({
    kind: "answered",
    answer: told,
  }));
  return history;
}

test("the verdict passes a true history and fails one with a stale read", async () => {
  const sound = await historyOf(200);
  expect(sound.written).toBe(200);
  expectSound(sound);
  const stale = await historyOf(199);
  expect(() => expectSound(stale)).toThrow("not linearizable");
});

test("the verdict fails a history in which hardly anything was written", () => {
  expect(() => expectSound(new LoadHistory())).toThrow();
});

test("mishaps are kept with their reason", async () => {
  const history = new LoadHistory();
  const call = { kind: "set", value: "v", condition: null } as const;
  await history.record({ ...asked, call }, async () => ({ kind: "unknown", code: "timeout" }));
  await history.record({ ...asked, call }, async () => ({ kind: "failed", code: "no_leader" }));
  expect(history.mishaps.map(({ node, kind, code }) => [node, kind, code])).toEqual([
    [1, "unknown", "timeout"],
    [1, "failed", "no_leader"],
  ]);
  expect(history.operations.map(({ outcome }) => outcome.kind)).toEqual(["unknown", "failed"]);
  expect(history.summary()).toBe("2 operations: 0 written, 1 failed, 1 unknown");
});
