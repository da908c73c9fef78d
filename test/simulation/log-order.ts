/**
 * The log as witness of linearizability: it is the one order of all writes, so every answer can be
 * held against it at once. Each command took effect where the log says, answers are the model's,
 * and no operation lies before one that had ended when it began. O(1) for each operation, on every
 * seed.
 */
import type { SimulatedNode } from "../../src/simulation/node";
import type { ClusterObserver } from "../../src/simulation/observer";
import type { Command, CommandResult, KeyValue, LogEntry, LogIndex } from "../../src/types";
import { logIndex } from "../../src/types";
import { canonicalResult, KvModel, valueText } from "./kv-model";

/** What was true when an operation began. */
export interface Floor {
  /** The last place in the log that any client had been told of. */
  readonly told: LogIndex;
  /** The last committed entry. */
  readonly committed: LogIndex;
}

/** Tells one client's wish from all others: its retry key, or the value that only it writes. */
export const wishOf = (command: Command): string | null =>
  command.idempotencyKey ?? (command.op === "set" ? valueText(command) : null);

export class LogOrder {
  readonly model = new KvModel();
  readonly #violate: (detail: string) => never;
  readonly #applied = new Map<string, LogIndex>();
  readonly #denied = new Set<string>();
  #told = logIndex(0);

  constructor(violate: (detail: string) => never) {
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
    if (index < floor.committed) {
      this.#violate(`a read is answered at ${index}; ${floor.committed} was committed before it`);
    }
    const version = this.model.versionAt(key, index);
    const told =
      item === null
        ? [null, 0, 0, 0]
        : [JSON.stringify(item.value), item.createRevision, item.modRevision, item.version];
    const { value, createRevision, modRevision, version: count } = version;
    const expected = [value, createRevision, modRevision, count];
    if (JSON.stringify(told) !== JSON.stringify(expected)) {
      this.#violate(`a read of ${key} at ${index} tells ${told}, not ${expected}`);
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
