import { assert } from "../assert";
import type { HardState, LogEntry, LogIndex, Term } from "../types";
import { indexPlus, logIndex } from "../types";
import { type LogStore, NoSpaceError, type PatientLogStore } from "./ports";

interface WaitingBatch {
  readonly entries: readonly LogEntry[];
  readonly firstIndex: LogIndex;
  readonly generation: number;
  readonly commitIndex: LogIndex;
}

/**
 * A log that waits out a full disk. What the disk has no room for stays in memory, in order, and is
 * written once there is room; until then it is not durable and nobody is told that it is. Whoever
 * brings entries looks at `isFull` first, so that little ever waits.
 */
export class PatientLog implements PatientLogStore {
  readonly #log: LogStore;
  #waiting: WaitingBatch[] = [];

  constructor(log: LogStore) {
    this.#log = log;
  }

  get isFull(): boolean {
    return this.#waiting.length > 0;
  }
  get hasRoom(): boolean {
    return !this.isFull && this.#log.hasRoom;
  }
  get baseIndex(): LogIndex {
    return this.#log.baseIndex;
  }
  get lastIndex(): LogIndex {
    return this.#waiting.at(-1)?.entries.at(-1)?.index ?? this.#log.lastIndex;
  }
  /** Invariant: below what waits, also where that replaces entries which were durable. */
  get durableIndex(): LogIndex {
    const durableIndex = this.#log.durableIndex;
    const firsts = this.#waiting.map(({ firstIndex }) => firstIndex - 1);
    return logIndex(Math.min(durableIndex, ...firsts));
  }
  get bytesWritten(): number {
    return this.#log.bytesWritten;
  }
  get syncs(): number {
    return this.#log.syncs;
  }

  append(
    entries: readonly LogEntry[],
    options: { readonly generation: number; readonly commitIndex: LogIndex },
  ): void {
    const firstIndex = entries[0]?.index;
    assert(firstIndex !== undefined, "an append has entries");
    assert(firstIndex <= this.lastIndex + 1, "an append leaves no gap in the log");
    this.#waiting.push({ entries, firstIndex, ...options });
    this.#writeWaiting();
  }

  read(first: LogIndex, last: LogIndex, bytesMax: number): readonly LogEntry[] {
    assert(last <= this.lastIndex, "a range ends within the log");
    const waiting = this.#waitingEntries();
    const firstWaiting = waiting[0]?.index ?? indexPlus(this.#log.lastIndex, 1);
    if (last < firstWaiting) return this.#log.read(first, last, bytesMax);
    const written =
      first < firstWaiting ? this.#log.read(first, indexPlus(firstWaiting, -1), bytesMax) : [];
    const next = indexPlus(first, written.length);
    if (next < firstWaiting) return written;
    const rest = waiting.slice(next - firstWaiting, last - firstWaiting + 1);
    return firstOf([...written, ...rest], bytesMax);
  }

  roll(): void {
    this.#log.roll();
  }

  cut(baseIndex: LogIndex): void {
    this.#log.cut(baseIndex);
  }

  /** What waits is dropped, for it stood behind what the snapshot replaces. */
  reset(last: { readonly index: LogIndex; readonly term: Term }): void {
    this.#waiting = [];
    this.#log.reset(last);
  }

  prepareReset(): boolean {
    return this.#log.prepareReset();
  }

  persistHardState(hardState: HardState, done: () => void): void {
    this.#log.persistHardState(hardState, done);
  }

  repeatMark(): void {
    this.#log.repeatMark();
  }

  clearForgotten(): void {
    this.#log.clearForgotten();
  }

  restoreReserve(): void {
    this.#writeWaiting();
    // What waits comes first: the room of a reserve may be just what it needs.
    if (!this.isFull) this.#log.restoreReserve();
  }

  close(done: () => void): void {
    this.#log.close(done);
  }

  /** Everything that waits, as the log will hold it: a later batch replaces an earlier's tail. */
  #waitingEntries(): readonly LogEntry[] {
    let entries: readonly LogEntry[] = [];
    for (const batch of this.#waiting) {
      const kept = entries.filter((entry) => entry.index < batch.firstIndex);
      entries = [...kept, ...batch.entries];
    }
    return entries;
  }

  #writeWaiting(): void {
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      try {
        this.#log.append(batch.entries, batch);
      } catch (error) {
        if (error instanceof NoSpaceError) return;
        throw error;
      }
      this.#waiting.shift();
    }
  }
}

/** The first of `entries` that fit `bytesMax`, but at least one. */
function firstOf(entries: readonly LogEntry[], bytesMax: number): readonly LogEntry[] {
  let bytes = 0;
  const end = entries.findIndex(({ record }, place) => {
    bytes += record.length;
    return bytes > bytesMax && place > 0;
  });
  return end === -1 ? entries : entries.slice(0, end);
}
