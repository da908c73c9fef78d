/**
 * What can be known of writes that were never answered, before any search. Each may have taken
 * effect at any time after it was asked, or not at all: without this, every one of them would
 * double the work.
 */
import type { Operation } from "./history";

export const isAnswered = ({ outcome }: Operation): boolean => outcome.kind === "ok";

/**
 * The same operations of one key, but a set without an answer whose value was read is answered: it
 * took effect, at the revision that the reader saw and before the reader had its answer. Nothing
 * can be said where two sets wrote the same value.
 */
export function answerByReaders(operations: readonly Operation[]): readonly Operation[] {
  const writers = new Map<string, number>();
  const readers = new Map<string, Operation>();
  for (const operation of operations) {
    const { call } = operation;
    if (call.kind === "set") writers.set(call.value, (writers.get(call.value) ?? 0) + 1);
    const value = valueRead(operation);
    if (value === null) continue;
    const first = readers.get(value);
    if (first === undefined || operation.returnedAt < first.returnedAt) {
      readers.set(value, operation);
    }
  }
  return operations.map((operation) => {
    const { call, outcome } = operation;
    if (outcome.kind !== "unknown" || call.kind !== "set") return operation;
    const reader = readers.get(call.value);
    if (reader === undefined || writers.get(call.value) !== 1) return operation;
    return reader.returnedAt < operation.invokedAt ? operation : answeredBy(reader, operation);
  });
}

function answeredBy(reader: Operation, operation: Operation): Operation {
  const { outcome, returnedAt } = reader;
  const isValue = outcome.kind === "ok" && outcome.answer.kind === "value";
  const revision = isValue ? outcome.answer.modRevision : null;
  return {
    ...operation,
    client: `${operation.client} (unanswered, but read by ${reader.client})`,
    returnedAt,
    outcome: { kind: "ok", answer: { kind: "set", revision } },
  };
}

/**
 * The operations without an answer, by sort: those of one sort have the same condition and the same
 * effect, so that any of them may stand for any other that was asked in time. Values that nobody
 * read are all the same. Keeps the order within a sort.
 */
export function sortUnanswered(operations: readonly Operation[]): readonly Operation[][] {
  const read = new Set(operations.map(valueRead));
  const sorts = new Map<string, Operation[]>();
  for (const operation of operations) {
    const { call } = operation;
    if (isAnswered(operation) || call.kind === "get") continue;
    const value = call.kind === "set" && read.has(call.value) ? call.value : null;
    const sort = JSON.stringify([call.kind, call.condition, value]);
    const alike = sorts.get(sort);
    if (alike === undefined) sorts.set(sort, [operation]);
    else alike.push(operation);
  }
  return [...sorts.values()];
}

function valueRead({ outcome }: Operation): string | null {
  if (outcome.kind !== "ok" || outcome.answer.kind !== "value") return null;
  return outcome.answer.value;
}
