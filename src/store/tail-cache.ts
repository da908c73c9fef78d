/**
 * The newest entries, kept in memory for replication and apply. Invariant: what is cached is a
 * gapless run that ends at the log's last entry.
 */
import { assert } from "../assert";
import type { LogEntry, LogIndex } from "../types";
import { indexPlus } from "../types";

/**
 * What an entry takes beside its record: an object, its two views and their buffer. For entries of
 * some hundred bytes that is more than their bytes. Units: bytes, measured on Bun 1.4.
 */
const ENTRY_OVERHEAD_BYTES = 512;

const sizeOf = ({ record }: LogEntry): number => record.length + ENTRY_OVERHEAD_BYTES;

export class TailCache {
  readonly #entries = new Map<LogIndex, LogEntry>();
  #bytes = 0;
  /** The run is `#first … #next - 1`; empty while they are equal or nothing was ever cached. */
  #first: LogIndex | null = null;
  #next: LogIndex | null = null;

  constructor(private readonly bytesMax: number) {}

  /** Takes entries that follow the cached ones, or replace them from their first index on. */
  append(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (this.#next === null || entry.index !== this.#next) this.#truncate(entry.index);
      this.#entries.set(entry.index, entry);
      this.#bytes += sizeOf(entry);
      this.#next = indexPlus(entry.index, 1);
    }
    this.#evict();
  }

  get(index: LogIndex): LogEntry | null {
    return this.#entries.get(index) ?? null;
  }

  /** Forgets everything: the log goes on elsewhere. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
    this.#first = null;
    this.#next = null;
  }

  /** Forgets `from` and everything behind it. */
  #truncate(from: LogIndex): void {
    if (this.#first === null || this.#next === null || from <= this.#first) {
      this.#entries.clear();
      this.#bytes = 0;
      this.#first = from;
      return;
    }
    assert(from < this.#next, "the cache has no gap");
    for (let index = from; index < this.#next; index = indexPlus(index, 1)) this.#drop(index);
  }

  #evict(): void {
    // The newest entry stays, however long: it is about to be sent.
    while (this.#bytes > this.bytesMax && this.#first !== null && this.#entries.size > 1) {
      this.#drop(this.#first);
      this.#first = indexPlus(this.#first, 1);
    }
  }

  #drop(index: LogIndex): void {
    const entry = this.#entries.get(index);
    if (entry === undefined) return;
    this.#bytes -= sizeOf(entry);
    this.#entries.delete(index);
  }
}
