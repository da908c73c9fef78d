/**
 * What one key must do, as a sequence of operations one after the other: the specification that a
 * history is held against.
 */
import type { Condition } from "../types";
import type { Answer, Call, Operation } from "./history";

/** One key between two operations. */
export interface KeyState {
  /** null where the key is absent. */
  readonly value: string | null;
  /** The key's last mutation that is known by its revision; 0 before the first. */
  readonly revision: number;
  /** False after a mutation that nobody was told of: the true revision is then above `revision`. */
  readonly exact: boolean;
  /** True from such a mutation until some answer shows it. */
  readonly unseen: boolean;
}

export const ABSENT_KEY: KeyState = { value: null, revision: 0, exact: true, unseen: false };

/**
 * The state after `operation`; `state` itself where it changes nothing; null where the operation
 * could not have gone, or been answered, like this now.
 *
 * An operation of unknown outcome is asked for its effect only: without one it need not be placed.
 */
export function stepKey(state: KeyState, { call, outcome }: Operation): KeyState | null {
  switch (outcome.kind) {
    case "ok":
      return stepAnswered(state, call, outcome.answer);
    case "unknown":
      return stepUnanswered(state, call);
    case "failed":
      return null;
  }
}

function stepAnswered(state: KeyState, call: Call, answer: Answer): KeyState | null {
  switch (answer.kind) {
    case "value":
      return state.value === answer.value ? seenAt(state, answer.modRevision) : null;
    case "absent":
      return state.value === null ? seen(state) : null;
    case "preconditionFailed":
      return call.kind === "get" ? null : refused(state, call.condition, answer);
    case "set":
      if (call.kind !== "set") return null;
      // A mutation that nobody saw before it was overwritten might as well not have been.
      if (call.condition === null && state.unseen) return null;
      return mutated(meeting(state, call.condition), call.value, answer.revision);
    case "deleted":
      if (call.kind !== "delete") return null;
      return deleted(meeting(state, call.condition), answer);
  }
}

/** Only effects that something may yet show are tried, at most one on top of the other. */
function stepUnanswered(state: KeyState, call: Call): KeyState | null {
  if (call.kind === "get") return null;
  if (state.unseen && call.condition === null) return null;
  const before = meeting(state, call.condition);
  if (call.kind === "set") return unseen(mutated(before, call.value, null));
  return before?.value === null ? null : unseen(mutated(before, null, null));
}

function deleted(
  state: KeyState | null,
  answer: Extract<Answer, { kind: "deleted" }>,
): KeyState | null {
  if (state === null || answer.deleted !== (state.value !== null)) return null;
  if (answer.deleted) return mutated(state, null, answer.revision);
  const isPast = answer.revision !== null && answer.revision < state.revision;
  return isPast ? null : seen(state);
}

/** The state where the condition holds, with what that says of the revision. */
function meeting(state: KeyState, condition: Condition | null): KeyState | null {
  if (condition === null) return state;
  if (condition.kind === "keyIsAbsent") return state.value === null ? seen(state) : null;
  return state.value === null ? null : seenAt(state, condition.revision);
}

/**
 * The state where the condition fails and the answer is true. Lenient in one case: a refusal that
 * names no revision, of a key whose revision nobody knows, is believed.
 */
function refused(
  state: KeyState,
  condition: Condition | null,
  { modRevision }: Extract<Answer, { kind: "preconditionFailed" }>,
): KeyState | null {
  if (condition === null) return null;
  if (state.value === null) {
    const isTrue = modRevision === null || modRevision === 0;
    return condition.kind === "revisionIs" && isTrue ? seen(state) : null;
  }
  if (condition.kind === "revisionIs") {
    const met = modRevision ?? (state.exact ? state.revision : null);
    if (met === condition.revision) return null;
  }
  return seenAt(state, modRevision);
}

function mutated(
  before: KeyState | null,
  value: string | null,
  revision: number | null,
): KeyState | null {
  if (before === null) return null;
  if (revision === null) return { value, revision: before.revision, exact: false, unseen: false };
  if (revision <= before.revision) return null;
  return { value, revision, exact: true, unseen: false };
}

const seen = (state: KeyState): KeyState => (state.unseen ? { ...state, unseen: false } : state);

const unseen = (state: KeyState | null): KeyState | null =>
  state === null ? null : { ...state, unseen: true };

/** The state where the present key's revision is this one, if that may be. */
function seenAt(state: KeyState, modRevision: number | null): KeyState | null {
  if (modRevision === null) return seen(state);
  if (state.exact) return state.revision === modRevision ? seen(state) : null;
  if (modRevision <= state.revision) return null;
  return { ...state, revision: modRevision, exact: true, unseen: false };
}
