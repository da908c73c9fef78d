/** What a replay of the segments has gathered so far: the log as its surviving records tell it. */
import type { LogEntry, LogIndex } from "../types";
import { logIndex } from "../types";
import type { BatchHeader, OpenBatch } from "./batch";
import type { EntrySummary } from "./ports";
import { Positions } from "./positions";

/** Where a batch begins in the segment being replayed. */
interface BatchPlace {
  readonly number: number;
  readonly offset: number;
}

export class ReplayedLog {
  readonly positions = new Positions();
  readonly entries: EntrySummary[] = [];
  /** The last batch of which an entry survived. */
  lastBatch = 0;
  /** The highest durable mark in any intact header. */
  durableBatch = 0;
  #commitIndex: LogIndex = logIndex(0);
  /** Of the batch being read: it speaks of those of its own entries that are found. */
  #batchCommitIndex: LogIndex = logIndex(0);
  /** The last batch, where it lacks some of its entries and none follows. */
  incomplete: OpenBatch | null = null;
  /** Of the last segment only. */
  #batches: BatchPlace[] = [];
  #segments = 0;

  /** Invariant: at most `lastIndex`, also where the log was cut short. */
  get commitIndex(): LogIndex {
    return this.#commitIndex;
  }

  get lastIndex(): LogIndex {
    return logIndex(this.entries.length);
  }

  /** Turns to the next segment; says what is wrong when that cannot be `sequence`. */
  beginSegment(sequence: number): string | null {
    this.#batches = [];
    this.#segments++;
    if (sequence !== this.#segments) return `segment ${this.#segments} is missing before it`;
    return this.incomplete ? "the last batch before it lacks entries" : null;
  }

  /** Whether `header` can be the next one: batches are numbered, and never leave a gap. */
  continuesWith(header: BatchHeader): boolean {
    return (
      header.number === this.lastBatch + 1 &&
      header.durableBatch < header.number &&
      header.firstIndex >= 1 &&
      header.firstIndex <= this.lastIndex + 1
    );
  }

  /** Learns what a header says about the log before it, whatever becomes of its own entries. */
  learn({ commitIndex, durableBatch, firstIndex }: BatchHeader): void {
    this.durableBatch = Math.max(this.durableBatch, durableBatch);
    this.#noteCommitted(logIndex(Math.min(commitIndex, firstIndex - 1)));
  }

  /** The first entry of a batch has survived, and with it the batch. */
  beginBatch({ commitIndex, firstIndex, number }: BatchHeader, offset: number): void {
    this.lastBatch = number;
    this.#batches.push({ number, offset });
    this.entries.length = firstIndex - 1;
    this.#batchCommitIndex = commitIndex;
  }

  /**
   * An entry of the batch has survived. Only now does the batch's commit index speak of it: where
   * it is lost, what it replaced still stands in its place, or something else may come to stand.
   */
  place(entry: LogEntry, segment: number, offset: number): void {
    const { index, term, kind, configuration } = entry;
    this.positions.set(index, segment, offset);
    this.entries.push({ index, term, kind, byteLength: entry.record.length, configuration });
    this.#noteCommitted(logIndex(Math.min(this.#batchCommitIndex, index)));
  }

  #noteCommitted(commitIndex: LogIndex): void {
    if (commitIndex > this.#commitIndex) this.#commitIndex = commitIndex;
  }

  /** Where, in the last segment, the first batch after `mark` begins; null when there is none. */
  offsetAfter(mark: number): number | null {
    return this.#batches.find((batch) => batch.number > mark)?.offset ?? null;
  }
}
