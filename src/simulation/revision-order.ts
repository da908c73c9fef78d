/**
 * The store's revision over all keys: one count, which grows by one with every mutation. So each
 * mutation has a revision of its own, above every revision that anybody had been told of before the
 * mutation was asked for, on whichever key. Two sorts and a sweep: O(n log n).
 */
import { describeOperation, mutationRevision, type Operation } from "./history";

/** A revision that an answer spoke of. */
interface Mention {
  readonly operation: Operation;
  readonly revision: number;
  /** `took`: by this mutation. `current`: the store's, then. `seen`: some key's, perhaps old. */
  readonly kind: "took" | "current" | "seen";
}

/** What contradicts the one count, in words; null where nothing does. */
export function revisionOrderViolation(history: readonly Operation[]): string | null {
  const mentions = history.flatMap(mentionsOf);
  return takenTwice(mentions) ?? wentBack(mentions);
}

function mentionsOf(operation: Operation): readonly Mention[] {
  if (operation.outcome.kind !== "ok") return [];
  const { answer } = operation.outcome;
  const taken = mutationRevision(operation);
  if (taken !== null) return [{ operation, revision: taken, kind: "took" }];
  const mentions: Mention[] = [];
  if ("modRevision" in answer && answer.modRevision !== null) {
    mentions.push({ operation, revision: answer.modRevision, kind: "seen" });
  }
  if ("revision" in answer && answer.revision !== null) {
    mentions.push({ operation, revision: answer.revision, kind: "current" });
  }
  return mentions;
}

function takenTwice(mentions: readonly Mention[]): string | null {
  const takers = new Map<number, Operation>();
  for (const { operation, revision, kind } of mentions) {
    if (kind !== "took") continue;
    const other = takers.get(revision);
    if (other !== undefined) {
      return explain(`two mutations took revision ${revision}`, other, operation);
    }
    takers.set(revision, operation);
  }
  return null;
}

function wentBack(mentions: readonly Mention[]): string | null {
  const byReturn = mentions.toSorted((a, b) => a.operation.returnedAt - b.operation.returnedAt);
  const byInvocation = mentions.toSorted((a, b) => a.operation.invokedAt - b.operation.invokedAt);
  let highest: Mention | null = null;
  let returned = 0;
  for (const later of byInvocation) {
    for (let earlier = byReturn[returned]; earlier !== undefined; earlier = byReturn[++returned]) {
      if (earlier.operation.returnedAt >= later.operation.invokedAt) break;
      if (highest === null || earlier.revision > highest.revision) highest = earlier;
    }
    if (highest === null || later.kind === "seen") continue;
    const least = later.kind === "took" ? highest.revision + 1 : highest.revision;
    if (later.revision < least) {
      const what = `revision ${later.revision} came after revision ${highest.revision} was told`;
      return explain(what, highest.operation, later.operation);
    }
  }
  return null;
}

const explain = (what: string, ...operations: readonly Operation[]): string =>
  [what, ...operations.map((one) => `  ${one.key} ${describeOperation(one)}`)].join("\n");
