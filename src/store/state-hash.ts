/**
 * A running hash of the applied state, by which nodes compare themselves: after the same entry it
 * is the same everywhere, or a node has gone wrong.
 *
 * It is the sum of one hash per key and per remembered answer. A chain over the log's commands
 * would only show that two logs agree, which Raft already promises. The sum is over what the
 * projection really holds, and an item that goes is hashed anew from what was stored: a wrong
 * value, a wrong revision, a forgotten delete or a value that somebody changed in place all show.
 * And since it knows nothing of how the state came about, a state that was built otherwise (from a
 * snapshot) can be held against it.
 */

import type { CommandResult, LogIndex, Revision, Term } from "../types";
import { Hash128 } from "./hash-128";
import type { RememberedAnswer } from "./idempotency";
import type { ItemFields } from "./item-bytes";

/** Tells the two sorts of member apart. */
const ITEM = 1;
const ANSWER = 2;

const KINDS: Readonly<Record<CommandResult["kind"], number>> = {
  set: 0,
  deleted: 1,
  preconditionFailed: 2,
  idempotencyMismatch: 3,
};

export class StateHash {
  /** The sum, modulo 2^64, in two words. */
  #low = 0;
  #high = 0;
  readonly #hash = new Hash128();

  addItem(item: ItemFields): void {
    this.#add(this.#hashItem(item));
  }
  removeItem(item: ItemFields): void {
    this.#subtract(this.#hashItem(item));
  }
  addAnswer(answer: RememberedAnswer): void {
    this.#add(this.#hashAnswer(answer));
  }
  removeAnswer(answer: RememberedAnswer): void {
    this.#subtract(this.#hashAnswer(answer));
  }

  /** 64 bits in hex: the sum, and how far the log and the store's own count have come. */
  digest(at: {
    readonly revision: Revision;
    readonly index: LogIndex;
    readonly term: Term;
  }): string {
    const { a, b } = this.#hash
      .reset()
      .numbers(this.#low >>> 0, this.#high >>> 0)
      .numbers(at.index, at.term)
      .numbers(at.revision, 0)
      .finish();
    return hex(a) + hex(b);
  }

  #hashItem(item: ItemFields): Hash128 {
    return this.#hash
      .reset()
      .numbers(ITEM, item.version)
      .numbers(item.createRevision, item.modRevision)
      .within(item.view, item.keyStart, item.keyEnd)
      .valueWithin(item.kind, item.view, item.valueStart, item.valueEnd)
      .finish();
  }

  #hashAnswer({ key, fingerprint, timeMs, result }: RememberedAnswer): Hash128 {
    return this.#hash
      .reset()
      .numbers(ANSWER, timeMs)
      .numbers(result.index, result.term)
      .numbers(result.revision, KINDS[result.kind])
      .numbers(detail(result), 0)
      .numbers(fingerprint.a >>> 0, fingerprint.b >>> 0)
      .numbers(fingerprint.c >>> 0, fingerprint.d >>> 0)
      .text(key)
      .finish();
  }

  #add({ a, b }: Hash128): void {
    this.#low = (this.#low + a) | 0;
    this.#high = (this.#high + b) | 0;
  }
  #subtract({ a, b }: Hash128): void {
    this.#low = (this.#low - a) | 0;
    this.#high = (this.#high - b) | 0;
  }
}

/** What a result says beyond its kind and its decision. */
function detail(result: CommandResult): number {
  switch (result.kind) {
    case "deleted":
      return result.deleted ? 1 : 0;
    case "preconditionFailed":
      return result.modRevision;
    default:
      return 0;
  }
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
