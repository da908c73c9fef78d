/** What a projection holds: all of it is replicated state, and only `KvProjection` changes it. */
import { type KeyValue, logIndex, revision, term } from "../types";
import { type IdempotencyLimits, IdempotencyTable, type RememberedAnswer } from "./idempotency";
import { SortedKeys } from "./sorted-keys";
import type { StateCut } from "./state-cut";
import { StateHash } from "./state-hash";

export class KvState {
  readonly items = new Map<string, KeyValue>();
  /**
   * The keys of `items`, sorted: touched only when a key comes or goes, since finding a place in
   * the order costs many times what finding a key does.
   */
  readonly order = new SortedKeys();
  /** Of all keys and values: see `KvProjection`. */
  byteLength = 0;
  answers: IdempotencyTable;
  readonly hash = new StateHash();
  /** The store's own count of effective sets and deletes. */
  currentRevision = revision(0);
  /** Of the last applied entry: index, term and leader time. */
  lastIndex = logIndex(0);
  lastTerm = term(0);
  lastTimeMs = 0;
  /** The cuts that must hear what an item was before it changes. */
  readonly cuts = new Set<StateCut>();

  constructor(limits: IdempotencyLimits) {
    this.answers = new IdempotencyTable(limits);
  }

  /** Of everything above; equal on all nodes that have applied the same entry. */
  get digest(): string {
    return this.hash.digest({
      revision: this.currentRevision,
      index: this.lastIndex,
      term: this.lastTerm,
    });
  }

  /** Puts an item in the place of the `present` one of its key, or of none. */
  put(item: KeyValue, present: KeyValue | undefined): void {
    if (present === undefined) this.order.add(item.key);
    else this.#letGo(present);
    this.take(item);
  }

  /** Takes an item whose key is in `order`, or soon will be. */
  take(item: KeyValue): void {
    this.hash.addItem(item);
    this.byteLength += byteLengthOf(item);
    this.items.set(item.key, item);
  }

  remove(present: KeyValue): void {
    this.#letGo(present);
    this.items.delete(present.key);
    this.order.delete(present.key);
  }

  /** Remembers the answer to a key that is not remembered yet. */
  remember(answer: RememberedAnswer): void {
    this.answers.add(answer);
    this.hash.addAnswer(answer);
  }

  forgetAnswers(): void {
    for (const answer of this.answers.cut()) this.hash.removeAnswer(answer);
    this.answers = new IdempotencyTable(this.answers.limits);
  }

  #letGo(present: KeyValue): void {
    this.hash.removeItem(present);
    this.byteLength -= byteLengthOf(present);
    if (this.cuts.size > 0) for (const cut of this.cuts) cut.keep(present);
  }
}

function byteLengthOf({ key, value }: KeyValue): number {
  switch (value.kind) {
    case "text":
      return key.length + value.text.length;
    case "json":
      return key.length + value.json.length;
    case "bytes":
      return key.length + value.bytes.length;
  }
}
