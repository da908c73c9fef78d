/** Builds a state out of a snapshot's parts, and holds it against what the snapshot says of it. */
import { MalformedError } from "../codec/malformed";
import type { IdempotencyLimits, RememberedAnswer } from "./idempotency";
import type { ItemFields } from "./item-bytes";
import { compareKeys } from "./key-order";
import { KvState } from "./kv-state";
import type { Slot } from "./memory-chunk";
import type { SnapshotHead } from "./ports";

/** How many keys enter the order at once: a moment's work, on keys that were just read. */
export const RUN_KEYS = 4096;

export class StateBuilder {
  readonly #state: KvState;
  /** Keys in their order that the state's order lacks yet, and their slots. */
  #run: string[] = [];
  #runSlots: Slot[] = [];
  #lastKey: string | null = null;

  constructor(limits: IdempotencyLimits) {
    this.#state = new KvState(limits);
  }

  /** Errors: `MalformedError` unless it is what it says, and comes behind all keys before it. */
  addItem(item: ItemFields): void {
    if (!item.isMarkedRight) fail("text is marked as ASCII that is none");
    const key = item.key();
    if (this.#lastKey !== null && compareKeys(this.#lastKey, key) >= 0)
      fail("keys are out of order");
    this.#lastKey = key;
    this.#run.push(key);
    this.#runSlots.push(this.#state.take(key, item));
    if (this.#run.length === RUN_KEYS) this.#closeRun();
  }

  /** From the oldest to the newest. Errors: `MalformedError` for a key that was there before. */
  addAnswer(answer: RememberedAnswer): void {
    if (this.#state.answers.get(answer.key) !== undefined) fail("an answer is there twice");
    this.#state.remember(answer);
  }

  /** Errors: `MalformedError` where the whole is not the state that `head` speaks of. */
  finish(head: SnapshotHead): KvState {
    const state = this.#state;
    this.#closeRun();
    state.currentRevision = head.revision;
    state.lastIndex = head.lastIndex;
    state.lastTerm = head.lastTerm;
    state.lastTimeMs = head.timeMs;
    if (state.slots.size !== head.keyCount) {
      fail(`it holds ${state.slots.size} keys and speaks of ${head.keyCount}`);
    }
    if (state.answers.size !== head.answerCount) {
      fail(`it holds ${state.answers.size} answers and speaks of ${head.answerCount}`);
    }
    if (state.digest !== head.stateHash) fail("the state does not have the hash it should have");
    return state;
  }

  #closeRun(): void {
    this.#state.order.append(this.#run, this.#runSlots);
    this.#run = [];
    this.#runSlots = [];
  }
}

function fail(detail: string): never {
  throw new MalformedError("snapshot", detail);
}
