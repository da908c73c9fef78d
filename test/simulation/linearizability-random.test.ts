/** The checker against the definition, and against a correct store with and without one fault. */
import { describe, expect, test } from "bun:test";
import {
  type Answer,
  type Call,
  HistoryRecorder,
  mutationRevision,
  type Operation,
} from "../../src/simulation/history";
import { checkLinearizability } from "../../src/simulation/linearizability";
import { type Condition, revision } from "../../src/types";
import { type SeededRandom, seededRandom } from "../seeded-random";
import { isLinearizable } from "./brute-force";
import { type RegisterWorkload, registerHistory } from "./register-history";

const verdictOf = (history: readonly Operation[]) => checkLinearizability(history).kind;

/** A few operations on one key, with answers that may or may not be possible. */
function smallHistory(random: SeededRandom): Operation[] {
  const { below, pick } = random;
  const recorder = new HistoryRecorder();
  const date = () => pick([null, 1, 2, 3, 4]);
  const values = below(2) === 0 ? ["a", "b", "c", "d", "e"] : ["a", "a", "b", "b", "a"];
  const count = 2 + below(4);
  for (let id = 0; id < count; id++) {
    const condition: Condition | null = pick([
      null,
      null,
      { kind: "keyIsAbsent" },
      { kind: "revisionIs", revision: revision(1 + below(3)) },
    ]);
    const call: Call = pick<Call>([
      { kind: "get" },
      { kind: "set", value: values[id] ?? "a", condition },
      { kind: "set", value: values[id] ?? "a", condition },
      { kind: "delete", condition },
    ]);
    const invokedAt = below(8);
    const pending = recorder.begin({ client: `c${id}`, key: "k", call, invokedAt });
    if (below(4) === 0) continue;
    pending.succeed(randomAnswer(call, random, date), invokedAt + below(5));
  }
  return [...recorder.operations];
}

function randomAnswer(call: Call, { pick }: SeededRandom, date: () => number | null): Answer {
  if (call.kind === "get") {
    const value = pick(["a", "b", "c"]);
    return pick<Answer>([{ kind: "absent" }, { kind: "value", value, modRevision: date() }]);
  }
  // A refusal that names no revision is believed where the checker knows of none either.
  const isAt = call.condition?.kind === "revisionIs";
  const modRevision = pick([0, 1, 2, 3, 4, isAt ? 0 : null]);
  const refused: Answer = { kind: "preconditionFailed", modRevision, revision: null };
  if (call.condition !== null && pick([true, false])) return refused;
  if (call.kind === "set") return { kind: "set", revision: date() };
  const deleted = pick([true, false]);
  return { kind: "deleted", deleted, revision: deleted ? date() : null };
}

test("the verdict on every small history is that of trying every order", () => {
  const random = seededRandom("small histories");
  const rounds = 6_000;
  let good = 0;
  for (let round = 0; round < rounds; round++) {
    const history = smallHistory(random);
    const expected = isLinearizable(history) ? "linearizable" : "violation";
    if (expected === "linearizable") good++;
    const verdict = checkLinearizability(history);
    if (verdict.kind === expected) continue;
    throw new Error(
      `seed ${random.seed}, round ${round}: ${verdict.kind}, not ${expected}\n` +
        JSON.stringify({ verdict, history }, null, 1),
    );
  }
  // Both sorts must be frequent, or the comparison says little.
  expect(good / rounds).toBeGreaterThan(0.1);
  expect(good / rounds).toBeLessThan(0.9);
});

const workloads: Readonly<Record<string, RegisterWorkload>> = {
  "few clients": { operations: 200, clients: 3, keys: 2, lostPercent: 0, tellsRevisions: true },
  "lost answers": { operations: 300, clients: 8, keys: 3, lostPercent: 15, tellsRevisions: true },
  "one hot key": { operations: 300, clients: 16, keys: 1, lostPercent: 5, tellsRevisions: true },
  "no revisions": { operations: 200, clients: 5, keys: 4, lostPercent: 3, tellsRevisions: false },
};
const SEEDS = 25;

describe("a correct store passes", () => {
  for (const [name, workload] of Object.entries(workloads)) {
    test(`with ${name}`, () => {
      const random = seededRandom(name);
      for (let round = 0; round < SEEDS; round++) {
        expect(verdictOf(registerHistory(random, workload))).toBe("linearizable");
      }
    });
  }
});

/** Changes one answer so that no order can explain it; null where this history offers no place. */
type Fault = (history: readonly Operation[], random: SeededRandom) => Operation[] | null;

const answered = (operation: Operation, answer: Answer): Operation => ({
  ...operation,
  outcome: { kind: "ok", answer },
});
const replaced = (history: readonly Operation[], id: number, answer: Answer): Operation[] =>
  history.map((operation) => (operation.id === id ? answered(operation, answer) : operation));
const writtenBy = ({ call }: Operation): string => (call.kind === "set" ? call.value : "");
const isSet = (operation: Operation): boolean =>
  operation.outcome.kind === "ok" && operation.outcome.answer.kind === "set";
const isRead = ({ call, outcome }: Operation): boolean =>
  call.kind === "get" && outcome.kind === "ok";

const faults: Readonly<Record<string, Fault>> = {
  "a stale read": (history, random) => {
    const places = history.filter(isRead).flatMap((read) => {
      const before = history.filter(
        (one) => isSet(one) && one.key === read.key && one.returnedAt < read.invokedAt,
      );
      const newest = before.toSorted((a, b) => b.invokedAt - a.invokedAt)[0];
      const stale = before.find((one) => newest && one.returnedAt < newest.invokedAt);
      return stale === undefined ? [] : [{ read, stale }];
    });
    if (places.length === 0) return null;
    const { read, stale } = random.pick(places);
    const modRevision = mutationRevision(stale);
    return replaced(history, read.id, { kind: "value", value: writtenBy(stale), modRevision });
  },
  "a read of a write that was refused": (history, random) => {
    const refusals = history.filter(
      ({ call, outcome }) =>
        call.kind === "set" &&
        outcome.kind === "ok" &&
        outcome.answer.kind === "preconditionFailed",
    );
    if (refusals.length === 0) return null;
    const refusal = random.pick(refusals);
    const reads = history.filter((one) => isRead(one) && one.key === refusal.key);
    if (reads.length === 0) return null;
    const answer: Answer = { kind: "value", value: writtenBy(refusal), modRevision: null };
    return replaced(history, random.pick(reads).id, answer);
  },
  "a creation of a key that was there": (history, random) => {
    const places = history.filter(({ key, call, outcome, invokedAt, returnedAt }) => {
      if (call.kind !== "set" || call.condition?.kind !== "keyIsAbsent") return false;
      if (outcome.kind !== "ok" || outcome.answer.kind === "set") return false;
      const others = history.filter((one) => one.key === key);
      const deletes = others.filter((one) => one.call.kind === "delete");
      // A set was answered before, and no delete lies anywhere near the time from then on.
      return others.some(
        (one) =>
          isSet(one) &&
          one.returnedAt < invokedAt &&
          deletes.every((gone) => gone.returnedAt < one.invokedAt || gone.invokedAt > returnedAt),
      );
    });
    if (places.length === 0) return null;
    return replaced(history, random.pick(places).id, { kind: "set", revision: null });
  },
  "a mutation whose revision went back": (history, random) => {
    const mutations = history.filter((one) => mutationRevision(one) !== null);
    if (mutations.length < 2) return null;
    const earlier = random.pick(mutations);
    const later = mutations.find((one) => one.invokedAt > earlier.returnedAt);
    if (later === undefined || later.call.kind !== "set") return null;
    const before = (mutationRevision(earlier) ?? 0) - 0.5;
    return replaced(history, later.id, { kind: "set", revision: before });
  },
};

describe("a store with one fault is caught", () => {
  for (const [name, fault] of Object.entries(faults)) {
    test(name, () => {
      const random = seededRandom(name);
      let caught = 0;
      for (let round = 0; round < SEEDS; round++) {
        const workload = random.pick(Object.values(workloads));
        const faulty = fault(registerHistory(random, workload), random);
        if (faulty === null) continue;
        expect(verdictOf(faulty)).toBe("violation");
        caught++;
      }
      expect(caught).toBeGreaterThan(0);
    });
  }
});

test("50,000 operations of 64 clients over 20 keys are judged within their steps", () => {
  const workload = { clients: 64, keys: 20, lostPercent: 2, tellsRevisions: true };
  const history = registerHistory(seededRandom("large"), { operations: 50_000, ...workload });
  const verdict = checkLinearizability(history, { stepsPerKeyMax: 50_000 });
  expect(verdict.kind).toBe("linearizable");
});
