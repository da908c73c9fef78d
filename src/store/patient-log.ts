import type { HardState, LogEntry, LogIndex } from "../types";
import { indexPlus, logIndex } from "../types";
import { type LogStore, NoSpaceError, type PatientLogStore } from "./ports";

interface WaitingBatch {
  readonly entries: readonly LogEntry[];
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
  get lastIndex(): LogIndex {
    return this.#waiting.at(-1)?.entries.at(-1)?.index ?? this.#log.lastIndex;
  }
  get durableIndex(): LogIndex {
    return this.#log.durableIndex;
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
    this.#waiting.push({ entries, ...options });
    this.#writeWaiting();
  }

  read(first: LogIndex, last: LogIndex, bytesMax: number): readonly LogEntry[] {
    const waiting = this.#waitingEntries();
    const firstWaiting = waiting[0]?.index ?? indexPlus(this.#log.lastIndex, 1);
    if (last < firstWaiting) return this.#log.read(first, last, bytesMax);
    if (first >= firstWaiting) {
      return waiting.slice(first - firstWaiting, last - firstWaiting + 1);
    }
    // A page may end early: the written part comes first, whoever wants more asks again.
    return this.#log.read(first, indexPlus(firstWaiting, -1), bytesMax);
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
    this.#log.restoreReserve();
    this.#writeWaiting();
  }

  close(done: () => void): void {
    this.#log.close(done);
  }

  /** Everything that waits, as the log will hold it: a later batch replaces an earlier's tail. */
  #waitingEntries(): readonly LogEntry[] {
    const [only, ...more] = this.#waiting;
    if (only === undefined) return [];
    if (more.length === 0) return only.entries;
    let entries: LogEntry[] = [];
    for (const batch of this.#waiting) {
      const firstIndex = batch.entries[0]?.index ?? logIndex(0);
      entries = [...entries.filter((entry) => entry.index < firstIndex), ...batch.entries];
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
