/**
 * The key-value map: the fold of the committed entries, the same on every node. It looks at nothing
 * but the entries: no clock, no randomness, no setting.
 */
import BTree from "sorted-btree";
import { assert } from "../assert";
import { decodeCommand } from "../codec/commands";
import {
  type Command,
  type CommandResult,
  type Condition,
  type Decision,
  indexPlus,
  type KeyValue,
  type LogEntry,
  type LogIndex,
  logIndex,
  type Revision,
  revision,
  type SetCommand,
  type Term,
  term,
  type Value,
} from "../types";
import {
  fingerprintOf,
  IDEMPOTENCY_LIMITS,
  type IdempotencyLimits,
  IdempotencyTable,
  type RememberedAnswer,
  sameFingerprint,
} from "./idempotency";
import { compareKeys } from "./key-order";
import { StateHash } from "./state-hash";

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
  readonly #items = new Map<string, KeyValue>();
  /**
   * The keys of `items`, sorted: touched only when a key comes or goes, since finding a place in
   * the order costs many times what finding a key does.
   */
  readonly #order = new BTree<string, undefined>(undefined, compareKeys);
  readonly #answers: IdempotencyTable;
  readonly #hash = new StateHash();
  #currentRevision = revision(0);
  #lastIndex = logIndex(0);
  #lastTerm = term(0);

  constructor(limits: IdempotencyLimits = IDEMPOTENCY_LIMITS) {
    this.#answers = new IdempotencyTable(limits);
  }

  /** How many keys there are. */
  get size(): number {
    return this.#items.size;
  }
  /** The store's own count of effective sets and deletes. */
  get revision(): Revision {
    return this.#currentRevision;
  }
  get appliedIndex(): LogIndex {
    return this.#lastIndex;
  }
  get appliedTerm(): Term {
    return this.#lastTerm;
  }
  /** Of everything above and within; equal on all nodes that have applied the same entry. */
  get stateHash(): string {
    return this.#hash.digest({
      revision: this.#currentRevision,
      index: this.#lastIndex,
      term: this.#lastTerm,
    });
  }

  /**
   * Folds the next entry in; null where it holds no command.
   *
   * Errors: `MalformedError` for a command that `encodeCommand` did not write; nothing has changed.
   */
  apply(entry: LogEntry): CommandResult | null {
    assert(
      entry.index === indexPlus(this.#lastIndex, 1),
      "entries are applied one after the other",
    );
    const command = entry.kind === "command" ? decodeCommand(entry.command) : null;
    this.#lastIndex = entry.index;
    this.#lastTerm = entry.term;
    this.#answers.evict(entry.timeMs, this.#forget);
    if (command === null) return null;
    if (command.idempotencyKey === null) return this.#execute(command);
    return this.#executeOnce(command, command.idempotencyKey, entry.timeMs);
  }

  /** The key as of the last applied entry. */
  get(key: string): KeyValue | undefined {
    return this.#items.get(key);
  }

  /** Some of the keys as of the last applied entry, in the order of their UTF-8 bytes. */
  list({ prefix, after, limit, bytesMax }: KeyRange): KeyPage {
    const items: KeyValue[] = [];
    let bytes = 0;
    const start = after !== null && compareKeys(after, prefix) > 0 ? after : prefix;
    for (const key of this.#order.keys(start)) {
      if (key === after) continue;
      // Keys with one prefix lie side by side, as their bytes do.
      if (!key.startsWith(prefix)) break;
      const item = this.#items.get(key);
      assert(item !== undefined, "every key in the order has an item");
      if (items.length >= limit) return { items, more: true };
      bytes += byteLength(item);
      if (bytes > bytesMax && items.length > 0) return { items, more: true };
      items.push(item);
    }
    return { items, more: false };
  }

  /** Exactly once: a retry gets the first answer, a failed condition included. */
  #executeOnce(command: Command, key: string, timeMs: number): CommandResult {
    const fingerprint = fingerprintOf(command);
    const first = this.#answers.get(key);
    if (first !== undefined) {
      if (sameFingerprint(first.fingerprint, fingerprint)) return first.result;
      return { kind: "idempotencyMismatch", ...this.#decision() };
    }
    const answer = { key, fingerprint, timeMs, result: this.#execute(command) };
    this.#answers.add(answer);
    this.#hash.addAnswer(answer);
    return answer.result;
  }

  #execute(command: Command): CommandResult {
    const present = this.#items.get(command.key);
    if (!holds(command.condition, present)) {
      const modRevision = present === undefined ? ABSENT : present.modRevision;
      return { kind: "preconditionFailed", modRevision, ...this.#decision() };
    }
    return command.op === "set" ? this.#set(command, present) : this.#delete(command.key, present);
  }

  #set({ key, value }: SetCommand, present: KeyValue | undefined): CommandResult {
    const next = this.#nextRevision();
    const item: KeyValue = {
      key,
      value,
      createRevision: present === undefined ? next : present.createRevision,
      modRevision: next,
      version: present === undefined ? 1 : present.version + 1,
    };
    if (present === undefined) this.#order.set(key, undefined);
    else this.#hash.removeItem(present);
    this.#hash.addItem(item);
    this.#items.set(key, item);
    // Written out: to spread the decision would take as long as all the rest of this.
    return { kind: "set", revision: next, term: this.#lastTerm, index: this.#lastIndex };
  }

  #delete(key: string, present: KeyValue | undefined): CommandResult {
    if (present === undefined) return { kind: "deleted", deleted: false, ...this.#decision() };
    this.#nextRevision();
    this.#hash.removeItem(present);
    this.#items.delete(key);
    this.#order.delete(key);
    return { kind: "deleted", deleted: true, ...this.#decision() };
  }

  #nextRevision(): Revision {
    this.#currentRevision = revision(this.#currentRevision + 1);
    return this.#currentRevision;
  }

  #decision(): Decision {
    return { revision: this.#currentRevision, term: this.#lastTerm, index: this.#lastIndex };
  }

  readonly #forget = (answer: RememberedAnswer): void => this.#hash.removeAnswer(answer);
}

/** A revision is never that of an absent key, not even 0. */
function holds(condition: Condition | null, present: KeyValue | undefined): boolean {
  if (condition === null) return true;
  if (condition.kind === "keyIsAbsent") return present === undefined;
  return present !== undefined && present.modRevision === condition.revision;
}

const encoder = new TextEncoder();

const byteLength = ({ key, value }: KeyValue): number =>
  encoder.encode(key).length + valueByteLength(value);

function valueByteLength(value: Value): number {
  switch (value.kind) {
    case "text":
      return encoder.encode(value.text).length;
    case "json":
      return encoder.encode(value.json).length;
    case "bytes":
      return value.bytes.length;
  }
}
