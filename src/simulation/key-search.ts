/**
 * Looks for one order of a key's operations that the model allows and real time admits.
 *
 * Source: Wing and Gong's search with Lowe's remembered configurations, as in porcupine (Lowe,
 * "Testing for linearizability", 2017). An operation may come next when it was asked before every
 * other one that is left was answered. A configuration (what was placed, and the state after it)
 * that was met before leads nowhere new. Ours: a mutation of known revision waits for every answer
 * that speaks of a lower one; an answer that fits and changes nothing is placed without looking
 * back; operations without an answer are tried last, one of each sort, and may be left out.
 */
import { assert } from "../assert";
import { mutationRevision, type Operation, revisionSpokenOf } from "./history";
import { ABSENT_KEY, type KeyState, stepKey } from "./key-model";
import { isAnswered, sortUnanswered } from "./unanswered";

export type SearchResult =
  | { readonly kind: "found"; readonly steps: number }
  | ({ readonly kind: "impossible"; readonly steps: number } & DeadEnd)
  | { readonly kind: "exhausted"; readonly steps: number };

/** The longest order that led nowhere. */
export interface DeadEnd {
  readonly placed: readonly Operation[];
  /** At the end of it. */
  readonly state: KeyState;
  /** One of these had to come next. */
  readonly stuck: readonly StuckOperation[];
}

export interface StuckOperation {
  readonly operation: Operation;
  /** One that is left and speaks of a lower revision of the key, so that it has to come before. */
  readonly waitsFor: Operation | null;
}

/** What precedes an operation in the list of those that are left: another one, or the head. */
interface Link {
  next: Answered | null;
}

/** An answered operation: it must be placed. */
interface Answered extends Link {
  readonly operation: Operation;
  /** By when it was asked. */
  readonly rank: number;
  /** Whether the answer speaks of a revision of the key. */
  readonly isDated: boolean;
  /** For a mutation of known revision, how many answers speak of a lower one; else null. */
  readonly datedBefore: number | null;
  previous: Link;
}

/** Operations without an answer that are as good as each other: used in the order of asking. */
interface Spares {
  readonly operations: readonly Operation[];
  used: number;
}

type Candidate = Answered | Spares;

/** A point of the search. */
interface Frame {
  /** What was placed last; null at the start. */
  readonly placed: { readonly operation: Operation; readonly from: Candidate } | null;
  readonly state: KeyState;
  /** The highest rank placed so far. */
  readonly reach: number;
  readonly candidates: readonly Candidate[];
  /** How many of the candidates were tried. */
  tried: number;
}

/** Whether the store has counted a mutation between two that no answer speaks of. */
export type HasGap = (after: number, before: number) => boolean;

/**
 * Tries at most `stepsMax` placements. `operations` are of one key, and none of them failed.
 * Operations without an answer are tried only where `hasGap`: what is found so is an order like any
 * other, but where nothing is, nothing is said.
 */
export function searchOrder(
  operations: readonly Operation[],
  stepsMax: number,
  hasGap: HasGap = () => true,
): SearchResult {
  return new KeySearch(operations, hasGap).run(stepsMax);
}

class KeySearch {
  readonly #head: Link = { next: null };
  #answeredLeft: number;
  /** Of the answered mutations, in order, and how many of these are placed. */
  readonly #revisions: readonly number[];
  #revisionsPlaced = 0;
  #datedPlaced = 0;
  readonly #spares: readonly Spares[];
  readonly #frames: Frame[] = [];
  readonly #met = new Set<string>();
  #deadEnd: DeadEnd | null = null;

  constructor(
    operations: readonly Operation[],
    private readonly hasGap: HasGap,
  ) {
    const byInvocation = operations.toSorted((one, other) => one.invokedAt - other.invokedAt);
    const answered = byInvocation.filter(isAnswered);
    this.#answeredLeft = answered.length;
    this.#spares = sortUnanswered(byInvocation).map((alike) => ({ operations: alike, used: 0 }));
    this.#revisions = sorted(answered.map(mutationRevision));
    link(this.#head, answered);
  }

  run(stepsMax: number): SearchResult {
    let steps = 0;
    this.#push(null, ABSENT_KEY, -1);
    while (this.#answeredLeft > 0) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) break;
      const candidate = frame.candidates[frame.tried++];
      if (candidate === undefined) this.#backtrack(frame);
      else if (steps++ === stepsMax) return { kind: "exhausted", steps: stepsMax };
      else this.#tryNext(frame, candidate);
    }
    if (this.#answeredLeft === 0) return { kind: "found", steps };
    assert(this.#deadEnd !== null, "a search that fails has met a dead end");
    return { kind: "impossible", steps, ...this.#deadEnd };
  }

  #tryNext(frame: Frame, from: Candidate): void {
    if ("used" in from) {
      const operation = from.operations[from.used];
      assert(operation !== undefined, "a candidate has an operation left");
      const state = this.#isMissed(frame.state) ? stepKey(frame.state, operation) : null;
      if (state !== null) this.#place({ operation, from }, state, frame.reach);
      return;
    }
    const { operation, rank, datedBefore } = from;
    if (datedBefore !== null && datedBefore !== this.#datedPlaced) return;
    const state = stepKey(frame.state, operation);
    if (state === null) return;
    // What changes nothing now could be moved to this place from any later one.
    if (state === frame.state) frame.tried = frame.candidates.length;
    this.#place({ operation, from }, state, Math.max(frame.reach, rank));
  }

  /** Whether a mutation without an answer may come next: each has a revision of its own. */
  #isMissed({ revision }: KeyState): boolean {
    const next = this.#revisions[this.#revisionsPlaced] ?? Number.POSITIVE_INFINITY;
    return this.hasGap(revision, next);
  }

  #place(placed: NonNullable<Frame["placed"]>, state: KeyState, reach: number): void {
    this.#take(placed.from);
    const nextRevision = this.#revisions[this.#revisionsPlaced];
    if (nextRevision !== undefined && nextRevision <= state.revision) {
      this.#giveBack(placed.from);
      return;
    }
    const configuration = this.#configuration(state, reach);
    if (this.#met.has(configuration)) {
      this.#giveBack(placed.from);
    } else {
      this.#met.add(configuration);
      this.#push(placed, state, reach);
    }
  }

  #push(placed: Frame["placed"], state: KeyState, reach: number): void {
    this.#frames.push({ placed, state, reach, candidates: this.#candidates(), tried: 0 });
  }

  #backtrack(frame: Frame): void {
    // The frames are the start and one for each operation placed.
    if (this.#deadEnd === null || this.#frames.length - 1 > this.#deadEnd.placed.length) {
      this.#deadEnd = {
        placed: this.#frames.flatMap(({ placed }) => placed?.operation ?? []),
        state: frame.state,
        stuck: frame.candidates.flatMap((one) => ("used" in one ? [] : this.#stuck(one))),
      };
    }
    this.#frames.pop();
    if (frame.placed !== null) this.#giveBack(frame.placed.from);
  }

  #stuck({ operation, datedBefore }: Answered): StuckOperation {
    const revision = mutationRevision(operation);
    if (revision === null || datedBefore === this.#datedPlaced)
      return { operation, waitsFor: null };
    let left = this.#head.next;
    while (left !== null && (revisionSpokenOf(left.operation) ?? revision) >= revision) {
      left = left.next;
    }
    return { operation, waitsFor: left === null ? null : left.operation };
  }

  /** Whatever was asked before any operation that is left was answered. */
  #candidates(): readonly Candidate[] {
    const candidates: Candidate[] = [];
    let firstAnswer = Number.POSITIVE_INFINITY;
    for (let node = this.#head.next; node !== null; node = node.next) {
      if (node.operation.invokedAt > firstAnswer) break;
      firstAnswer = Math.min(firstAnswer, node.operation.returnedAt);
      candidates.push(node);
    }
    for (const spares of this.#spares) {
      const next = spares.operations[spares.used];
      if (next !== undefined && next.invokedAt <= firstAnswer) candidates.push(spares);
    }
    return candidates;
  }

  /** Names what was placed, whatever the order, and the state after it. */
  #configuration({ value, revision, exact, unseen }: KeyState, reach: number): string {
    let left = "";
    for (let node = this.#head.next; node !== null && node.rank < reach; node = node.next) {
      left += `,${node.rank}`;
    }
    let used = "";
    for (const [sort, spares] of this.#spares.entries()) {
      if (spares.used > 0) used += `,${sort}x${spares.used}`;
    }
    return `${reach}-${left}+${used}|${revision},${exact},${unseen},${value === null}:${value}`;
  }

  #take(from: Candidate): void {
    if ("used" in from) {
      from.used++;
      return;
    }
    from.previous.next = from.next;
    if (from.next !== null) from.next.previous = from.previous;
    this.#answeredLeft--;
    if (from.isDated) this.#datedPlaced++;
    if (from.datedBefore !== null) this.#revisionsPlaced++;
  }

  /** Undoes the last `take` that was not undone, which was of this one. */
  #giveBack(from: Candidate): void {
    if ("used" in from) {
      from.used--;
      return;
    }
    from.previous.next = from;
    if (from.next !== null) from.next.previous = from;
    this.#answeredLeft++;
    if (from.isDated) this.#datedPlaced--;
    if (from.datedBefore !== null) this.#revisionsPlaced--;
  }
}

/** Hangs the operations behind the head, in their order. */
function link(head: Link, operations: readonly Operation[]): void {
  const dates = sorted(operations.map(revisionSpokenOf));
  const before = new Map<number, number>();
  for (const [count, date] of dates.entries()) if (!before.has(date)) before.set(date, count);
  let previous = head;
  for (const [rank, operation] of operations.entries()) {
    const revision = mutationRevision(operation);
    const node: Answered = {
      operation,
      rank,
      isDated: revisionSpokenOf(operation) !== null,
      datedBefore: revision === null ? null : (before.get(revision) ?? 0),
      previous,
      next: null,
    };
    previous.next = node;
    previous = node;
  }
}

const sorted = (revisions: readonly (number | null)[]): number[] =>
  revisions.filter((revision) => revision !== null).sort((one, other) => one - other);
