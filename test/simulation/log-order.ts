/**
 * The log as witness of linearizability: it is the one order of all writes, so every answer can be
 * held against it at once. Each command took effect where the log says, answers are the model's,
 * and no operation lies before one that had ended when it began. O(1) for each operation, on every
 * seed.
 */
import type { SimulatedNode } from "../../src/simulation/node";
import type { ClusterObserver } from "../../src/simulation/observer";
import type { IdempotencyLimits } from "../../src/store/idempotency";
import type { KeyPage, KeyRange } from "../../src/store/kv-projection";
import type { Command, CommandResult, KeyValue, LogEntry, LogIndex } from "../../src/types";
import { logIndex } from "../../src/types";
import { askedOf, canonicalItem, canonicalResult, KvModel, valueText } from "./kv-model";

/** What was true when an operation began. */
export interface Floor {
  /** The last place in the log that any client had been told of. */
  readonly told: LogIndex;
  /** The last committed entry. */
  readonly committed: LogIndex;
}

/**
 * Tells one client's wish from all others: what is asked under its retry key, or the value that
 * only it writes.
 */
export function wishOf(command: Command): string | null {
  const { idempotencyKey, op } = command;
  if (idempotencyKey !== null) return `${idempotencyKey} ${askedOf(command)}`;
  return op === "set" ? valueText(command) : null;
}

export class LogOrder {
  readonly model: KvModel;
  readonly #violate: (detail: string) => never;
  readonly #applied = new Map<string, LogIndex>();
  readonly #denied = new Set<string>();
  #told = logIndex(0);

  constructor(limits: IdempotencyLimits, violate: (detail: string) => never) {
    this.model = new KvModel(limits);
    this.#violate = violate;
  }

  readonly observer: ClusterObserver = {
    onApplied: (node, entry, result) => this.#onApplied(node, entry, result),
  };

  floor(committed: LogIndex): Floor {
    return { told: this.#told, committed };
  }

  /** A client is told that its write was decided. */
  onDecided(command: Command, result: CommandResult, floor: Floor): void {
    const { index } = result;
    const expected = this.model.expected(index);
    if (expected?.command === undefined || expected.command === null) {
      this.#violate(`a client is told of entry ${index}, which holds no command`);
    }
    if (wishOf(expected.command) !== wishOf(command)) {
      this.#violate(`a client is told of entry ${index}, which holds another's command`);
    }
    if (expected.answer !== canonicalResult(result)) {
      this.#violate(`entry ${index} answers ${canonicalResult(result)}, not ${expected.answer}`);
    }
    if (index <= floor.told) {
      this.#violate(`a write at ${index} began after one at ${floor.told} had been answered`);
    }
    if (index > this.#told) this.#told = index;
  }

  /** A client is told that its write certainly never took effect, nor will. */
  onDenied(command: Command): void {
    const wish = wishOf(command);
    if (wish === null) return;
    const index = this.#applied.get(wish);
    if (index !== undefined) this.#violate(`entry ${index} was applied and is denied: ${wish}`);
    this.#denied.add(wish);
  }

  /** The client tries again, so that its wish may take effect after all. */
  onRetried(command: Command): void {
    const wish = wishOf(command);
    if (wish !== null) this.#denied.delete(wish);
  }

  /** A client is told what a key holds, from a copy that had applied everything up to `index`. */
  onRead(key: string, item: KeyValue | null, index: LogIndex, floor: Floor): void {
    this.#onSeen(index, floor);
    this.onStaleRead(key, item, index, logIndex(0));
  }

  /** The same of a client that took an older copy, which must yet hold everything up to `owed`. */
  onStaleRead(key: string, item: KeyValue | null, index: LogIndex, owed: LogIndex): void {
    if (index < owed) this.#violate(`a stale read is answered at ${index}, and owes ${owed}`);
    const { value, createRevision, modRevision, version } = this.model.versionAt(key, index);
    const told = item === null ? "nothing" : canonicalItem(item);
    const expected =
      value === null
        ? "nothing"
        : JSON.stringify([key, value, createRevision, modRevision, version]);
    if (told !== expected) {
      this.#violate(`a read of ${key} at ${index} tells ${told}, not ${expected}`);
    }
  }

  /** A client is told which keys there are. */
  onListed(range: KeyRange, { items, more }: KeyPage, index: LogIndex, floor: Floor): void {
    this.#onSeen(index, floor);
    const told = JSON.stringify({ items: items.map(canonicalItem), more });
    const expected = JSON.stringify(this.model.list(range, index));
    if (told !== expected) {
      this.#violate(
        `a list at ${index} of ${JSON.stringify(range)} tells ${told}, not ${expected}`,
      );
    }
  }

  /** A client has seen the state as of `index`: no later one may see an earlier state. */
  #onSeen(index: LogIndex, floor: Floor): void {
    if (index < floor.committed) {
      this.#violate(`a read is answered at ${index}; ${floor.committed} was committed before it`);
    }
    if (index > this.#told) this.#told = index;
  }

  #onApplied(node: SimulatedNode, entry: LogEntry, result: CommandResult | null): void {
    const { index } = entry;
    if (index === this.model.lastIndex + 1) this.#fold(entry);
    const answer = this.model.expected(index)?.answer ?? "";
    const given = result === null ? "" : canonicalResult(result);
    if (given !== answer) this.#violate(`node ${node.id} answers ${given}, not ${answer}`);
  }

  #fold(entry: LogEntry): void {
    try {
      this.model.apply(entry);
    } catch (error) {
      this.#violate(String(error));
    }
    const command = this.model.expected(entry.index)?.command ?? null;
    const wish = command === null ? null : wishOf(command);
    if (command === null || wish === null) return;
    if (this.#denied.has(wish)) this.#violate(`entry ${entry.index} was denied: ${wish}`);
    const before = this.#applied.get(wish);
    if (before === undefined) this.#applied.set(wish, entry.index);
    else if (command.idempotencyKey === null) {
      this.#violate(`${wish} was asked for once and stands at ${before} and ${entry.index}`);
    }
  }
}
