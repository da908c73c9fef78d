/**
 * The key-value map: the fold of the committed entries, the same on every node. It looks at nothing
 * but the entries: no clock, no randomness, no setting.
 */
import { assert } from "../assert";
import type { CommandInPlace, SetInPlace } from "../codec/commands";
import { openCommandIn } from "../codec/entries";
import {
  type CommandResult,
  type Condition,
  type Decision,
  indexPlus,
  type KeyValue,
  type LogEntry,
  type LogIndex,
  type Revision,
  revision,
  type Term,
} from "../types";
import {
  fingerprintOf,
  IDEMPOTENCY_LIMITS,
  type IdempotencyLimits,
  type RememberedAnswer,
  sameFingerprint,
} from "./idempotency";
import type { ItemFields } from "./item-bytes";
import { compareKeys } from "./key-order";
import { KvState } from "./kv-state";
import type { Slot } from "./memory-chunk";
import { StateCut } from "./state-cut";

/** Which keys to list. */
export interface KeyRange {
  readonly prefix: string;
  /** Only keys after this one; null from the first. */
  readonly after: string | null;
  /** At most so many items. */
  readonly limit: number;
  /** Stop after so many bytes of keys and values; the first item comes whatever its size. */
  readonly bytesMax: number;
}

/** Some keys, in key order, and whether the range holds more. */
export interface KeyPage {
  readonly items: readonly KeyValue[];
  readonly more: boolean;
}

/** The revision that an absent key has in answers; no key that exists has it. */
const ABSENT = revision(0);

export class KvProjection {
  #state: KvState;

  constructor(limits: IdempotencyLimits = IDEMPOTENCY_LIMITS) {
    this.#state = new KvState(limits);
  }

  /** How long answers are remembered. */
  get limits(): IdempotencyLimits {
    return this.#state.answers.limits;
  }
  /** How many keys there are. */
  get size(): number {
    return this.#state.slots.size;
  }
  /** How many answers are remembered. */
  get answerCount(): number {
    return this.#state.answers.size;
  }
  /** Of all keys and values. */
  get byteLength(): number {
    return this.#state.byteLength;
  }
  /** The store's own count of effective sets and deletes. */
  get revision(): Revision {
    return this.#state.currentRevision;
  }
  get appliedIndex(): LogIndex {
    return this.#state.lastIndex;
  }
  get appliedTerm(): Term {
    return this.#state.lastTerm;
  }
  /** Leader time of the last applied entry, in ms since the epoch; 0 before the first. */
  get lastTimeMs(): number {
    return this.#state.lastTimeMs;
  }
  /** Of everything above and within; equal on all nodes that have applied the same entry. */
  get stateHash(): string {
    return this.#state.digest;
  }

  /**
   * Folds the next entry in; null where it holds no command.
   *
   * Errors: `MalformedError` for a command that `encodeCommand` did not write; nothing has changed.
   */
  apply(entry: LogEntry): CommandResult | null {
    const state = this.#state;
    assert(
      entry.index === indexPlus(state.lastIndex, 1),
      "entries are applied one after the other",
    );
    const command = entry.kind === "command" ? openCommandIn(entry) : null;
    state.lastIndex = entry.index;
    state.lastTerm = entry.term;
    state.lastTimeMs = entry.timeMs;
    state.answers.evict(entry.timeMs, this.#forget);
    if (command === null) return null;
    if (command.idempotencyKey === null) return this.#execute(command);
    return this.#executeOnce(command, command.idempotencyKey, entry.timeMs);
  }

  /** The key as of the last applied entry. */
  get(key: string): KeyValue | undefined {
    const { items, slots } = this.#state;
    const slot = slots.get(key);
    return slot === undefined ? undefined : items.open(slot).toKeyValue(key);
  }

  /** Some of the keys as of the last applied entry, in the order of their UTF-8 bytes. */
  list({ prefix, after, limit, bytesMax }: KeyRange): KeyPage {
    const items: KeyValue[] = [];
    let bytes = 0;
    const start = after !== null && compareKeys(after, prefix) > 0 ? after : prefix;
    for (const [key, slot] of this.#state.order.from(start)) {
      if (key === after) continue;
      // Keys with one prefix lie side by side, as their bytes do.
      if (!key.startsWith(prefix)) break;
      if (items.length >= limit) return { items, more: true };
      const item = this.#state.items.open(slot);
      bytes += item.byteLength;
      if (bytes > bytesMax && items.length > 0) return { items, more: true };
      items.push(item.toKeyValue(key));
    }
    return { items, more: false };
  }

  /** The state as it is now, for as long as somebody reads it; the projection goes on meanwhile. */
  cut(): StateCut {
    return new StateCut(this.#state);
  }

  /**
   * Takes the other's whole state over in place of its own; the other is left blank. Cuts of either
   * go on over the state that they were taken of.
   */
  adopt(other: KvProjection): void {
    assert(other !== this, "a projection adopts another one's state");
    this.#state = other.#state;
    other.#state = new KvState(other.limits);
  }

  /** Begins with a state that was built elsewhere, in place of none. */
  restore(state: KvState): void {
    assert(this.#state.lastIndex === 0, "only a blank projection is restored");
    this.#state = state;
  }

  /** Goes on as the state of a new cluster, at another place in its history: see `restore.ts`. */
  refound(at: {
    readonly index: LogIndex;
    readonly term: Term;
    readonly revision: Revision;
  }): void {
    const state = this.#state;
    state.forgetAnswers();
    state.lastIndex = at.index;
    state.lastTerm = at.term;
    state.currentRevision = at.revision;
  }

  /** Exactly once: a retry gets the first answer, a failed condition included. */
  #executeOnce(command: CommandInPlace, key: string, timeMs: number): CommandResult {
    const fingerprint = fingerprintOf(command);
    const first = this.#state.answers.get(key);
    if (first !== undefined) {
      if (sameFingerprint(first.fingerprint, fingerprint)) return first.result;
      return { kind: "idempotencyMismatch", ...this.#decision() };
    }
    const answer = { key, fingerprint, timeMs, result: this.#execute(command) };
    this.#state.remember(answer);
    return answer.result;
  }

  #execute(command: CommandInPlace): CommandResult {
    const { items, slots } = this.#state;
    const slot = slots.get(command.key);
    const present = slot === undefined ? null : items.open(slot);
    if (!holds(command.condition, present)) {
      const modRevision = present?.modRevision ?? ABSENT;
      return { kind: "preconditionFailed", modRevision, ...this.#decision() };
    }
    return command.op === "set"
      ? this.#set(command, slot, present)
      : this.#delete(command.key, slot);
  }

  #set(
    { key, value }: SetInPlace,
    slot: Slot | undefined,
    present: ItemFields | null,
  ): CommandResult {
    const state = this.#state;
    const modRevision = this.#nextRevision();
    const createRevision = present?.createRevision ?? modRevision;
    const version = (present?.version ?? 0) + 1;
    state.put({ key, value, createRevision, modRevision, version }, slot);
    // Written out: to spread the decision would take as long as all the rest of this.
    return { kind: "set", revision: modRevision, term: state.lastTerm, index: state.lastIndex };
  }

  #delete(key: string, slot: Slot | undefined): CommandResult {
    if (slot === undefined) return { kind: "deleted", deleted: false, ...this.#decision() };
    this.#nextRevision();
    this.#state.remove(key, slot);
    return { kind: "deleted", deleted: true, ...this.#decision() };
  }

  #nextRevision(): Revision {
    const next = revision(this.#state.currentRevision + 1);
    this.#state.currentRevision = next;
    return next;
  }

  #decision(): Decision {
    const { currentRevision, lastIndex, lastTerm } = this.#state;
    return { revision: currentRevision, term: lastTerm, index: lastIndex };
  }

  readonly #forget = (answer: RememberedAnswer): void => {
    this.#state.hash.removeAnswer(answer);
  };
}

/** A revision is never that of an absent key, not even 0. */
function holds(condition: Condition | null, present: ItemFields | null): boolean {
  if (condition === null) return true;
  if (condition.kind === "keyIsAbsent") return present === null;
  return present !== null && present.modRevision === condition.revision;
}
