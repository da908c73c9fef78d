/**
 * Linearizability of a few operations on one key by trying every order: the definition, with none
 * of the checker's cleverness. Revisions that nobody was told may be any number in between.
 */
import type { Answer, Call, Operation } from "../../src/simulation/history";
import type { Condition } from "../../src/types";

interface Present {
  readonly value: string;
  readonly modRevision: number;
}
interface State {
  readonly present: Present | null;
  /** Of the last mutation. */
  readonly revision: number;
}

export function isLinearizable(operations: readonly Operation[]): boolean {
  const told = new Set(operations.flatMap(revisionsIn));
  const search = (left: readonly Operation[], state: State): boolean => {
    if (left.every(({ outcome }) => outcome.kind !== "ok")) return true;
    const answeredAt = Math.min(...left.map(({ returnedAt }) => returnedAt));
    const next = left.filter(({ invokedAt }) => invokedAt <= answeredAt);
    return next.some((operation) => {
      const rest = left.filter((other) => other !== operation);
      return after(operation, state, told).some((then) => search(rest, then));
    });
  };
  return search(operations, { present: null, revision: 0 });
}

/** Every state that the operation may lead to with the answer that it had. */
function after({ call, outcome }: Operation, state: State, told: ReadonlySet<number>): State[] {
  if (outcome.kind === "failed") return [];
  const between = [...told, state.revision + 1e-3].filter((one) => one > state.revision);
  return between.flatMap((revision) => {
    const [answer, then] = run(call, state, revision);
    return outcome.kind === "unknown" || fits(outcome.answer, answer) ? [then] : [];
  });
}

function run(call: Call, state: State, revision: number): [Answer, State] {
  const { present } = state;
  if (call.kind === "get") {
    return [present === null ? { kind: "absent" } : { kind: "value", ...present }, state];
  }
  if (!holds(call.condition, present)) {
    const modRevision = present?.modRevision ?? 0;
    return [{ kind: "preconditionFailed", modRevision, revision: null }, state];
  }
  if (call.kind === "set") {
    const then = { present: { value: call.value, modRevision: revision }, revision };
    return [{ kind: "set", revision }, then];
  }
  if (present === null) return [{ kind: "deleted", deleted: false, revision: null }, state];
  return [
    { kind: "deleted", deleted: true, revision },
    { present: null, revision },
  ];
}

function holds(condition: Condition | null, present: Present | null): boolean {
  if (condition === null) return true;
  if (condition.kind === "keyIsAbsent") return present === null;
  return present?.modRevision === condition.revision;
}

/** Whether what was answered is what would be, as far as the client was told. */
function fits(told: Answer, true_: Answer): boolean {
  const facts: Readonly<Record<string, unknown>> = { ...true_ };
  return Object.entries(told).every(
    ([name, fact]) => fact === null || facts[name] === null || facts[name] === fact,
  );
}

function revisionsIn({ call, outcome }: Operation): number[] {
  const revisions: number[] = [];
  const note = (revision: number | null) => revision !== null && revisions.push(revision);
  if (call.kind !== "get" && call.condition?.kind === "revisionIs") note(call.condition.revision);
  if (outcome.kind !== "ok") return revisions;
  if ("revision" in outcome.answer) note(outcome.answer.revision);
  if ("modRevision" in outcome.answer) note(outcome.answer.modRevision);
  return revisions;
}
