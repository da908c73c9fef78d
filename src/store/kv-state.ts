/** What a projection holds: all of it is replicated state, and only `KvProjection` changes it. */
import { logIndex, revision, term } from "../types";
import { type IdempotencyLimits, IdempotencyTable, type RememberedAnswer } from "./idempotency";
import type { ItemFields, NewItem } from "./item-bytes";
import { ItemMemory } from "./item-memory";
import type { Slot } from "./memory-chunk";
import { SlotIndex } from "./slot-index";
import { SortedKeys } from "./sorted-keys";
import { StateHash } from "./state-hash";

export class KvState {
  readonly items = new ItemMemory();
  /** Of all keys there are. */
  readonly slots = new SlotIndex((slot, key) => this.items.open(slot).isOf(key));
  /**
   * The same, sorted: touched only when a key comes or goes, since finding a place in the order
   * costs many times what finding a key does.
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

  /** Puts an item in the place of the one in its key's `slot`, or of none. */
  put(item: NewItem, slot: Slot | undefined): void {
    if (slot === undefined) {
      const added = this.items.add(item);
      this.order.add(item.key, added);
      this.#admit(item.key, added);
    } else {
      this.#discount(this.items.open(slot));
      this.items.replace(slot, item);
      this.#count(this.items.open(slot));
    }
  }

  /** Takes an item as it was written elsewhere; its key is not in `order` yet, but soon will be. */
  take(key: string, item: ItemFields): Slot {
    const slot = this.items.addWritten(item);
    this.#admit(key, slot);
    return slot;
  }

  remove(key: string, slot: Slot): void {
    this.#discount(this.items.open(slot));
    this.items.remove(slot);
    this.slots.delete(key, slot);
    this.order.delete(key);
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

  #admit(key: string, slot: Slot): void {
    this.slots.add(key, slot);
    this.#count(this.items.open(slot));
  }

  #count(item: ItemFields): void {
    this.hash.addItem(item);
    this.byteLength += item.byteLength;
  }

  #discount(item: ItemFields): void {
    this.hash.removeItem(item);
    this.byteLength -= item.byteLength;
  }
}
