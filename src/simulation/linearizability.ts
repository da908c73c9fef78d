/**
 * Judges a history of one key-value store: is there one order of all operations, each between its
 * question and its answer, in which every answer is true?
 *
 * A store of independent keys is linearizable exactly when each key is (Herlihy and Wing 1990,
 * locality), so each key is searched alone. What binds the keys together, the revision, is checked
 * over all of them. A search that ran out of steps is `unknown` and never a pass.
 */
import { describeOperation, mutationRevision, type Operation } from "./history";
import type { KeyState } from "./key-model";
import { type HasGap, type SearchResult, type StuckOperation, searchOrder } from "./key-search";
import { revisionOrderViolation } from "./revision-order";
import { answerByReaders } from "./unanswered";

export interface CheckOptions {
  /** How many placements are tried for each key, twice, before the answer is `unknown`. */
  readonly stepsPerKeyMax: number;
}

export const CHECK_DEFAULTS: CheckOptions = { stepsPerKeyMax: 2_000_000 };

export type Verdict =
  | { readonly kind: "linearizable"; readonly steps: number }
  | {
      readonly kind: "violation";
      readonly steps: number;
      /** null where the contradiction lies in the revisions of several keys. */
      readonly key: string | null;
      readonly explanation: string;
    }
  | {
      readonly kind: "unknown";
      readonly steps: number;
      /** The keys whose search ran out of steps. */
      readonly keys: readonly string[];
    };

/** How much of the order before a contradiction is shown. */
const SHOWN_BEFORE = 10;

/** The verdict on a whole history. A violation found outweighs a search that ran out of steps. */
export function checkLinearizability(
  history: readonly Operation[],
  options: CheckOptions = CHECK_DEFAULTS,
): Verdict {
  const contradiction = revisionOrderViolation(history);
  if (contradiction !== null) {
    return { kind: "violation", steps: 0, key: null, explanation: contradiction };
  }
  const hasGap = gapsIn(history);
  let steps = 0;
  const exhausted: string[] = [];
  for (const [key, operations] of byKey(history)) {
    const asked = answerByReaders(operations);
    const result = searchOrder(asked, options.stepsPerKeyMax);
    steps += result.steps;
    if (result.kind === "exhausted") {
      // There are far fewer places where the store has counted what nobody was told of.
      const guided = searchOrder(asked, options.stepsPerKeyMax, hasGap);
      steps += guided.steps;
      if (guided.kind !== "found") exhausted.push(key);
    }
    if (result.kind === "impossible") {
      return { kind: "violation", steps, key, explanation: explain(key, result) };
    }
  }
  if (exhausted.length > 0) return { kind: "unknown", steps, keys: exhausted };
  return { kind: "linearizable", steps };
}

/** A store counts every mutation: a revision that no answer speaks of was taken by one, too. */
function gapsIn(history: readonly Operation[]): HasGap {
  const told = [...new Set(history.map(mutationRevision))]
    .filter((revision) => revision !== null)
    .sort((one, other) => one - other);
  /** How many of them are below. */
  const countBelow = (revision: number): number => {
    let low = 0;
    for (let high = told.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((told[middle] ?? 0) < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (after, before) => before - after - 1 > countBelow(before) - countBelow(after + 1);
}

/** Operations without effect or answer say nothing, and are left out. */
function byKey(history: readonly Operation[]): Map<string, Operation[]> {
  const keys = new Map<string, Operation[]>();
  for (const operation of history) {
    const { outcome, call, key } = operation;
    if (outcome.kind === "failed") continue;
    if (outcome.kind === "unknown" && call.kind === "get") continue;
    const operations = keys.get(key);
    if (operations === undefined) keys.set(key, [operation]);
    else operations.push(operation);
  }
  return keys;
}

function explain(key: string, result: Extract<SearchResult, { kind: "impossible" }>): string {
  const { placed, state, stuck } = result;
  const shown = placed.slice(-SHOWN_BEFORE);
  return [
    `key ${JSON.stringify(key)} is not linearizable`,
    `the longest order that fits has ${placed.length} operations; its last ${shown.length}:`,
    ...shown.map((operation) => `  ${describeOperation(operation)}`),
    `after them the key ${describeState(state)}; one of these had to come next, and none can:`,
    ...stuck.flatMap(describeStuck),
  ].join("\n");
}

function describeStuck({ operation, waitsFor }: StuckOperation): readonly string[] {
  const line = `  ${describeOperation(operation)}`;
  if (waitsFor === null) return [line];
  return [`${line}, but not before`, `    ${describeOperation(waitsFor)}`];
}

function describeState({ value, revision, exact }: KeyState): string {
  const when = exact ? `revision ${revision}` : `a revision above ${revision}`;
  return value === null ? `is absent, since ${when}` : `holds ${value} of ${when}`;
}
