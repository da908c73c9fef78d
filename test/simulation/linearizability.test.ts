import { describe, expect, test } from "bun:test";
import type { Answer, Call, Operation, OperationOutcome } from "../../src/simulation/history";
import { HistoryRecorder } from "../../src/simulation/history";
import { checkLinearizability } from "../../src/simulation/linearizability";
import { type Condition, revision } from "../../src/types";

/** One line of a history: when it was asked and answered, what, and the answer. */
type Line = readonly [
  invokedAt: number,
  returnedAt: number,
  call: Call,
  outcome: Answer | "failed" | "unknown",
  key?: string,
];

const get: Call = { kind: "get" };
const set = (value: string, condition: Condition | null = null): Call => ({
  kind: "set",
  value,
  condition,
});
const del: Call = { kind: "delete", condition: null };
const ifAbsent: Condition = { kind: "keyIsAbsent" };
const ifAt = (at: number): Condition => ({ kind: "revisionIs", revision: revision(at) });

const done = (at: number | null = null): Answer => ({ kind: "set", revision: at });
const deleted = (at: number | null = null): Answer => ({
  kind: "deleted",
  deleted: true,
  revision: at,
});
const absent: Answer = { kind: "absent" };
const value = (is: string, at: number | null = null): Answer => ({
  kind: "value",
  value: is,
  modRevision: at,
});
const refused = (at: number | null = null): Answer => ({
  kind: "preconditionFailed",
  modRevision: at,
  revision: null,
});

function history(lines: readonly Line[]): Operation[] {
  return lines.map(([invokedAt, returnedAt, call, told, key = "k"], id) => {
    const outcome: OperationOutcome =
      typeof told === "string" ? { kind: told } : { kind: "ok", answer: told };
    return { id, client: `c${id}`, key, call, invokedAt, returnedAt, outcome };
  });
}
const NEVER = Number.POSITIVE_INFINITY;
const judge = (...lines: readonly Line[]) => checkLinearizability(history(lines)).kind;

describe("a good history passes", () => {
  const good: Readonly<Record<string, readonly Line[]>> = {
    "nothing at all": [],
    "one after the other": [
      [0, 1, set("a"), done(1)],
      [2, 3, get, value("a", 1)],
      [4, 5, del, deleted(2)],
      [6, 7, get, absent],
    ],
    "a read beside a write sees the old or the new": [
      [0, 1, set("a"), done(1)],
      [2, 9, set("b"), done(2)],
      [3, 4, get, value("a", 1)],
      [5, 6, get, value("b", 2)],
    ],
    "a question at the very time of an answer is beside it": [
      [0, 1, set("a"), done(1)],
      [1, 2, get, absent],
    ],
    "an unknown write shows later": [
      [0, 1, set("a"), done(1)],
      [2, NEVER, set("b"), "unknown"],
      [3, 4, get, value("a", 1)],
      [5, 6, get, value("b", 2)],
    ],
    "an unknown write never shows": [
      [0, 1, set("a"), done(1)],
      [2, NEVER, set("b"), "unknown"],
      [3, 4, get, value("a", 1)],
    ],
    "an unknown write is seen by a refusal alone": [
      [0, 1, set("a"), done(1)],
      [2, NEVER, set("b"), "unknown"],
      [3, 4, set("c", ifAt(1)), refused(2)],
      [5, 6, set("d", ifAt(2)), done(3)],
    ],
    "an unknown delete is seen by an absent read": [
      [0, 1, set("a"), done(1)],
      [2, NEVER, del, "unknown"],
      [3, 4, get, absent],
    ],
    "a failed write never shows": [
      [0, 1, set("a", ifAbsent), done(1)],
      [2, 3, set("b"), "failed"],
      [4, 5, get, value("a", 1)],
    ],
    "one of two creations side by side succeeds": [
      [0, 5, set("a", ifAbsent), done(1)],
      [0, 5, set("b", ifAbsent), refused(1)],
    ],
    "a refusal at revision 0 of an absent key": [[0, 1, set("a", ifAt(3)), refused(0)]],
  };
  for (const [name, lines] of Object.entries(good)) {
    test(name, () => expect(judge(...lines)).toBe("linearizable"));
  }
});

describe("a bad history is caught", () => {
  const bad: Readonly<Record<string, readonly Line[]>> = {
    "a stale read": [
      [0, 1, set("a"), done()],
      [2, 3, set("b"), done()],
      [4, 5, get, value("a")],
    ],
    "a read that goes back behind another": [
      [0, 1, set("a"), done()],
      [2, 9, set("b"), done()],
      [3, 4, get, value("b")],
      [5, 6, get, value("a")],
    ],
    "a lost write": [
      [0, 1, set("a"), done()],
      [2, 3, get, absent],
    ],
    "a lost write, told by its revision alone": [
      [0, 1, set("same"), done(1)],
      [2, 3, set("same"), done(2)],
      [4, 5, get, value("same", 1)],
    ],
    "a write applied twice": [
      [0, 1, set("a"), done()],
      [2, 3, set("b"), done()],
      [4, 5, get, value("b")],
      [6, 7, get, value("a")],
    ],
    "a write without an answer applied twice": [
      [0, NEVER, set("a"), "unknown"],
      [2, 3, get, value("a", 1)],
      [4, 5, set("b"), done(2)],
      [6, 7, get, value("a", 3)],
    ],
    "an increment applied twice, told by a later refusal": [
      [0, 1, set("a", ifAbsent), done(1)],
      [2, 3, set("b", ifAt(1)), refused(2)],
    ],
    "a read of a failed write": [
      [0, 1, set("a"), "failed"],
      [2, 3, get, value("a")],
    ],
    "a read of a write that nobody asked for yet": [
      [0, 1, get, value("a")],
      [2, 3, set("a"), done()],
    ],
    "a read of an unknown write that nobody asked for yet": [
      [0, 1, get, value("a")],
      [2, NEVER, set("a"), "unknown"],
    ],
    "an unknown write that shows and is gone again": [
      [0, 1, set("a"), done()],
      [2, NEVER, set("b"), "unknown"],
      [3, 4, get, value("b")],
      [5, 6, get, value("a")],
    ],
    "two creations side by side that both succeed": [
      [0, 5, set("a", ifAbsent), done()],
      [0, 5, set("b", ifAbsent), done()],
    ],
    "two swaps of one revision that both succeed": [
      [0, 1, set("a"), done(1)],
      [2, 9, set("b", ifAt(1)), done()],
      [2, 9, set("c", ifAt(1)), done()],
    ],
    "a refusal although the condition held": [
      [0, 1, set("a"), done(1)],
      [2, 3, set("b", ifAt(1)), refused(1)],
    ],
    "a refusal of a creation although the key was absent": [[0, 1, set("a", ifAbsent), refused()]],
    "a delete that found something where nothing was": [[0, 1, del, deleted()]],
    "a value that outlives its delete": [
      [0, 1, set("a"), done()],
      [2, 3, del, deleted()],
      [4, 5, get, value("a")],
    ],
  };
  for (const [name, lines] of Object.entries(bad)) {
    test(name, () => expect(judge(...lines)).toBe("violation"));
  }
});

describe("revisions bind the keys together", () => {
  test("no two mutations take the same one", () => {
    expect(judge([0, 9, set("a"), done(1), "k"], [0, 9, set("b"), done(1), "l"])).toBe("violation");
  });
  test("a later mutation of another key takes a higher one", () => {
    expect(judge([0, 1, set("a"), done(2), "k"], [2, 3, set("b"), done(1), "l"])).toBe("violation");
    expect(judge([0, 2, set("a"), done(2), "k"], [1, 3, set("b"), done(1), "l"])).toBe(
      "linearizable",
    );
  });
  test("a mutation takes a higher one than any that was read before it was asked for", () => {
    const read: Line = [2, 3, get, value("a", 7), "k"];
    const unknown: Line = [0, NEVER, set("a"), "unknown", "k"];
    expect(judge(unknown, read, [4, 5, set("b"), done(6), "l"])).toBe("violation");
    expect(judge(unknown, read, [3, 5, set("b"), done(6), "l"])).toBe("linearizable");
  });
  test("a refusal or a delete of nothing tells one that is not behind", () => {
    const mutation: Line = [0, 1, set("a"), done(4), "k"];
    const nothing = (at: number): Line => [
      2,
      3,
      del,
      { kind: "deleted", deleted: false, revision: at },
      "l",
    ];
    expect(judge(mutation, nothing(3))).toBe("violation");
    expect(judge(mutation, nothing(4))).toBe("linearizable");
  });
});

describe("the verdict", () => {
  test("explains a violation: the key, the order that fits, and what does not", () => {
    const verdict = checkLinearizability(
      history([
        [0, 1, set("x"), done(1), "other"],
        [0, 3, set("a"), done(2)],
        [4, 5, set("b"), done(3)],
        [6, 7, get, value("a", 2)],
      ]),
    );
    expect(verdict).toMatchObject({ kind: "violation", key: "k" });
    expect(verdict.kind === "violation" && verdict.explanation.split("\n")).toEqual([
      'key "k" is not linearizable',
      "the longest order that fits has 1 operations; its last 1:",
      "  [0, 3] c1: set a → done at revision 2",
      "after them the key holds a of revision 2; one of these had to come next, and none can:",
      "  [4, 5] c2: set b → done at revision 3, but not before",
      "    [6, 7] c3: get → a of revision 2",
    ]);
  });

  test("is unknown, never a pass, when the steps run out", () => {
    const lines: readonly Line[] = [
      [0, 1, set("a"), done(1)],
      [2, 3, get, value("a", 1)],
    ];
    const within = (stepsPerKeyMax: number) =>
      checkLinearizability(history(lines), { stepsPerKeyMax });
    expect(within(1)).toEqual({ kind: "unknown", steps: 2, keys: ["k"] });
    expect(within(2)).toEqual({ kind: "linearizable", steps: 2 });
  });

  test("is a violation when another key's search ran out of steps", () => {
    const lines: readonly Line[] = [
      [0, 1, set("a"), done(), "long"],
      [2, 3, set("b"), done(), "long"],
      [0, 1, get, value("never written"), "bad"],
    ];
    const verdict = checkLinearizability(history(lines), { stepsPerKeyMax: 1 });
    expect(verdict).toMatchObject({ kind: "violation", key: "bad" });
  });
});

test("a recorder keeps the outcome unknown until it is told", () => {
  const recorder = new HistoryRecorder();
  const asked = { client: "c", key: "k", call: set("a"), invokedAt: 1 };
  const [first, second] = [recorder.begin(asked), recorder.begin(asked)];
  recorder.begin(asked);
  first.succeed(done(1), 5);
  second.fail(6);
  expect(recorder.operations).toEqual([
    { id: 0, ...asked, returnedAt: 5, outcome: { kind: "ok", answer: done(1) } },
    { id: 1, ...asked, returnedAt: 6, outcome: { kind: "failed" } },
    { id: 2, ...asked, returnedAt: NEVER, outcome: { kind: "unknown" } },
  ]);
});
