/** Builds a state out of a snapshot's parts, and holds it against what the snapshot says of it. */
import { bulkLoad } from "sorted-btree/extended/bulkLoad";
import { MalformedError } from "../codec/malformed";
import type { KeyValue } from "../types";
import type { IdempotencyLimits, RememberedAnswer } from "./idempotency";
import { compareKeys } from "./key-order";
import { KvState } from "./kv-state";
import type { SnapshotHead } from "./ports";

/** Children of a node of the tree; as many as in a tree that grew. */
const NODE_SIZE = 32;

export class StateBuilder {
  readonly #state: KvState;
  /** In their order: the tree is built of them in the end, ten times faster than key by key. */
  readonly #keys: string[] = [];

  constructor(limits: IdempotencyLimits) {
    this.#state = new KvState(limits);
  }

  /** Errors: `MalformedError` unless its key comes behind all keys before it. */
  addItem(item: KeyValue): void {
    const last = this.#keys.at(-1);
    if (last !== undefined && compareKeys(last, item.key) >= 0) fail("keys are out of order");
    this.#keys.push(item.key);
    this.#state.items.set(item.key, item);
    this.#state.hash.addItem(item);
  }

  /** From the oldest to the newest. Errors: `MalformedError` for a key that was there before. */
  addAnswer(answer: RememberedAnswer): void {
    if (this.#state.answers.get(answer.key) !== undefined) fail("an answer is there twice");
    this.#state.remember(answer);
  }

  /** Errors: `MalformedError` where the whole is not the state that `head` speaks of. */
  finish(head: SnapshotHead): KvState {
    const state = this.#state;
    state.currentRevision = head.revision;
    state.lastIndex = head.lastIndex;
    state.lastTerm = head.lastTerm;
    state.lastTimeMs = head.timeMs;
    if (state.items.size !== head.keyCount) {
      fail(`it holds ${state.items.size} keys and speaks of ${head.keyCount}`);
    }
    if (state.answers.size !== head.answerCount) {
      fail(`it holds ${state.answers.size} answers and speaks of ${head.answerCount}`);
    }
    if (state.digest !== head.stateHash) fail("the state does not have the hash it should have");
    const values = new Array<undefined>(this.#keys.length);
    state.order = bulkLoad(this.#keys, values, NODE_SIZE, compareKeys);
    return state;
  }
}

function fail(detail: string): never {
  throw new MalformedError("snapshot", detail);
}
