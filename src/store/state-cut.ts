/**
 * The state as it was at one moment, while the projection goes on: taken in a moment itself,
 * whatever the state's size.
 *
 * The sorted keys are a clone of the tree, which shares its nodes until one side changes them. The
 * items are where they were: see `MemoryCut`. The remembered answers are a chain from the oldest
 * to the newest, of which nothing but the ends ever changes.
 */
import { assert } from "../assert";
import type { KeyValue, LogIndex, Revision, Term } from "../types";
import type { ByteWriter } from "./byte-writer";
import type { RememberedAnswer } from "./idempotency";
import type { KvState } from "./kv-state";
import type { Slot } from "./memory-chunk";
import type { MemoryCut } from "./memory-cut";
import type { SortedKeys } from "./sorted-keys";

export class StateCut {
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /** Leader time of the last entry, in ms since the epoch. */
  readonly timeMs: number;
  readonly revision: Revision;
  readonly stateHash: string;
  readonly keyCount: number;
  readonly answerCount: number;
  readonly #order: SortedKeys;
  readonly #items: MemoryCut;
  readonly #answers: Iterable<RememberedAnswer>;
  #isReleased = false;

  constructor(state: KvState) {
    this.lastIndex = state.lastIndex;
    this.lastTerm = state.lastTerm;
    this.timeMs = state.lastTimeMs;
    this.revision = state.currentRevision;
    this.stateHash = state.digest;
    this.keyCount = state.slots.size;
    this.answerCount = state.answers.size;
    this.#order = state.order.copy();
    this.#items = state.items.cut();
    this.#answers = state.answers.cut();
  }

  /** How many items it knows the place of on its own, because they have changed since. */
  get heldItems(): number {
    return this.#items.heldPlaces;
  }

  /** The slots of all items in the order of their keys. To be read before the release. */
  *slots(): Generator<readonly Slot[], void> {
    for (const run of this.#order.runs()) {
      assert(!this.#isReleased, "a cut is read before it is released");
      yield run;
    }
  }

  /** Writes an item as it was. */
  readonly writeItem = (writer: ByteWriter, slot: Slot): void => this.#items.write(writer, slot);

  /** In key order. To be read before the release. */
  *items(): Generator<KeyValue, void> {
    for (const run of this.slots()) {
      for (const slot of run) yield this.#items.open(slot).toKeyValue();
    }
  }

  /** From the oldest to the newest. */
  answers(): Iterable<RememberedAnswer> {
    return this.#answers;
  }

  /** It is needed no longer: nothing is put aside for it any more. */
  release(): void {
    this.#isReleased = true;
    this.#items.release();
  }
}
