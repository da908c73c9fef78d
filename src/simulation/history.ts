/**
 * What clients asked of a key-value store and what they were told: the record that the
 * linearizability checker judges.
 */
import type { Condition } from "../types";

/** What a client asked. Values are told apart by name: give each write its own. */
export type Call =
  | { readonly kind: "get" }
  | { readonly kind: "set"; readonly value: string; readonly condition: Condition | null }
  | { readonly kind: "delete"; readonly condition: Condition | null };

/**
 * What a client was told. `modRevision` is the key's, 0 where absent; `revision` is the store's own
 * count as the answer carried it. Either is null where the client does not know it.
 */
export type Answer =
  | { readonly kind: "value"; readonly value: string; readonly modRevision: number | null }
  | { readonly kind: "absent" }
  | { readonly kind: "set"; readonly revision: number | null }
  | { readonly kind: "deleted"; readonly deleted: boolean; readonly revision: number | null }
  | {
      readonly kind: "preconditionFailed";
      readonly modRevision: number | null;
      readonly revision: number | null;
    };

/**
 * `ok`: answered. `failed`: certainly without effect. `unknown`: may have taken effect at any time
 * after it was asked, or never will.
 */
export type OperationOutcome =
  | { readonly kind: "ok"; readonly answer: Answer }
  | { readonly kind: "failed" }
  | { readonly kind: "unknown" };

/** One request on one key. Times are on one clock, in whatever unit, for the whole history. */
export interface Operation {
  /** Unique in its history. */
  readonly id: number;
  readonly client: string;
  readonly key: string;
  readonly call: Call;
  readonly invokedAt: number;
  /** Invariant: `invokedAt <= returnedAt`; Infinity exactly when the outcome is unknown. */
  readonly returnedAt: number;
  readonly outcome: OperationOutcome;
}

/** A request under way: settle it once, or never, which leaves its outcome unknown. */
export interface PendingOperation {
  succeed(answer: Answer, returnedAt: number): void;
  /** The store said that it certainly had no effect. */
  fail(returnedAt: number): void;
}

/** Gathers a history while clients run. */
export class HistoryRecorder {
  readonly #operations: Operation[] = [];

  /** Everything that was begun, in the order in which it was. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }

  begin(asked: Pick<Operation, "client" | "key" | "call" | "invokedAt">): PendingOperation {
    const id = this.#operations.length;
    const settle = (outcome: OperationOutcome, returnedAt: number): void => {
      this.#operations[id] = { id, ...asked, outcome, returnedAt };
    };
    settle({ kind: "unknown" }, Number.POSITIVE_INFINITY);
    return {
      succeed: (answer, returnedAt) => settle({ kind: "ok", answer }, returnedAt),
      fail: (returnedAt) => settle({ kind: "failed" }, returnedAt),
    };
  }
}

/** The revision that an answered mutation took effect at; null where unknown, or without effect. */
export function mutationRevision({ outcome }: Operation): number | null {
  if (outcome.kind !== "ok") return null;
  const { answer } = outcome;
  if (answer.kind === "set") return answer.revision;
  return answer.kind === "deleted" && answer.deleted ? answer.revision : null;
}

/** The revision of the key, as this operation left it, that its answer speaks of; else null. */
export function revisionSpokenOf(operation: Operation): number | null {
  const { outcome } = operation;
  const isSeen = outcome.kind === "ok" && "modRevision" in outcome.answer;
  // An absent key has no revision, though some answers say 0.
  return isSeen ? outcome.answer.modRevision || null : mutationRevision(operation);
}

/** One operation in one line, for people. */
export function describeOperation(operation: Operation): string {
  const { client, call, invokedAt, returnedAt, outcome } = operation;
  const span = `[${invokedAt}, ${Number.isFinite(returnedAt) ? returnedAt : "…"}]`;
  return `${span} ${client}: ${describeCall(call)} → ${describeOutcome(outcome)}`;
}

function describeCall(call: Call): string {
  if (call.kind === "get") return "get";
  const wish = call.kind === "set" ? `set ${call.value}` : "delete";
  if (call.condition === null) return wish;
  return call.condition.kind === "keyIsAbsent"
    ? `${wish} if absent`
    : `${wish} if at revision ${call.condition.revision}`;
}

function describeOutcome(outcome: OperationOutcome): string {
  if (outcome.kind !== "ok") return outcome.kind;
  const { answer } = outcome;
  switch (answer.kind) {
    case "value":
      return `${answer.value} of revision ${answer.modRevision ?? "?"}`;
    case "absent":
      return "absent";
    case "set":
      return `done at revision ${answer.revision ?? "?"}`;
    case "deleted":
      return `${answer.deleted ? "deleted" : "was absent"} at revision ${answer.revision ?? "?"}`;
    case "preconditionFailed":
      return `precondition failed, the key is at revision ${answer.modRevision ?? "?"}`;
  }
}
