/**
 * The state as it was at one moment, while the projection goes on: taken in a moment itself,
 * whatever the state's size.
 *
 * The sorted keys are a clone of the tree, which shares its nodes until one side changes them. The
 * items are the projection's own, but for those that changed since: these were put aside first. The
 * remembered answers are a chain from the oldest to the newest, of which nothing but the ends
 * ever changes.
 */
import { assert } from "../assert";
import type { KeyValue, LogIndex, Revision, Term } from "../types";
import type { RememberedAnswer } from "./idempotency";
import type { KvState } from "./kv-state";
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
  readonly #state: KvState;
  readonly #order: SortedKeys;
  readonly #answers: Iterable<RememberedAnswer>;
  /** Items as they were, where they have changed since. */
  readonly #before = new Map<string, KeyValue>();
  #isReleased = false;

  constructor(state: KvState) {
    this.lastIndex = state.lastIndex;
    this.lastTerm = state.lastTerm;
    this.timeMs = state.lastTimeMs;
    this.revision = state.currentRevision;
    this.stateHash = state.digest;
    this.keyCount = state.items.size;
    this.answerCount = state.answers.size;
    this.#state = state;
    this.#order = state.order.copy();
    this.#answers = state.answers.cut();
    state.cuts.add(this);
  }

  /** How many items it holds on its own, because they have changed since. */
  get heldItems(): number {
    return this.#before.size;
  }

  /** For the projection: `item` is about to change or to go. */
  keep(item: KeyValue): void {
    // An item with a later revision has changed since already, or did not exist yet.
    if (item.modRevision <= this.revision) this.#before.set(item.key, item);
  }

  /** In key order. To be read before the release. */
  *items(): Generator<KeyValue, void> {
    for (const keys of this.#order.runs()) {
      assert(!this.#isReleased, "a cut is read before it is released");
      yield* keys.map(this.#itemOf);
    }
  }

  /** From the oldest to the newest. */
  answers(): Iterable<RememberedAnswer> {
    return this.#answers;
  }

  /** It is needed no longer: nothing is put aside for it any more. */
  release(): void {
    this.#isReleased = true;
    this.#before.clear();
    this.#state.cuts.delete(this);
  }

  readonly #itemOf = (key: string): KeyValue => {
    const present = this.#state.items.get(key);
    const hasChanged = present === undefined || present.modRevision > this.revision;
    const item = hasChanged ? this.#before.get(key) : present;
    assert(item !== undefined, "every key of a cut has an item");
    return item;
  };
}
