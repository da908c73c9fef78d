/** What a replay of the segments has gathered so far: the log as its surviving records tell it. */
import { assert } from "../assert";
import type { LogEntry, LogIndex, SnapshotInfo } from "../types";
import { indexPlus, logIndex, term } from "../types";
import type { BatchHeader, OpenBatch } from "./batch";
import type { EntrySummary, Recovered } from "./ports";
import { Positions } from "./positions";
import type { SegmentHead } from "./segment-head";

/** The entry up to which a snapshot stands for the log. */
export type SnapshotEnd = Pick<SnapshotInfo, "lastIndex" | "lastTerm">;

/** Where a log begins and ends, as the next append needs to know it. */
export interface LogEnds {
  /** Invariant: `baseIndex <= lastIndex`. */
  readonly baseIndex: LogIndex;
  readonly lastIndex: LogIndex;
  /** Number of the last batch. */
  readonly lastBatch: number;
  /** Invariant: `commitIndex <= lastIndex`. */
  readonly commitIndex: LogIndex;
}

/** Where a batch begins in the segment being replayed. */
interface BatchPlace {
  readonly number: number;
  readonly offset: number;
}

const WHOLE: Recovered["base"] = { index: logIndex(0), term: term(0) };

export class ReplayedLog {
  readonly positions = new Positions();
  /** The last batch of which an entry survived, or what a segment says of those before it. */
  lastBatch = 0;
  /** The highest durable mark in any intact header. */
  durableBatch = 0;
  /** The last batch, where it lacks some of its entries and none follows. */
  incomplete: OpenBatch | null = null;
  /** What the segments hold, from `#firstIndex` on without a gap. */
  #held: EntrySummary[] = [];
  #firstIndex: LogIndex = logIndex(1);
  #base = WHOLE;
  #commitIndex: LogIndex = logIndex(0);
  /** Of the batch being read: it speaks of those of its own entries that are found. */
  #batchCommitIndex: LogIndex = logIndex(0);
  /** Of the last segment only. */
  #batches: BatchPlace[] = [];
  #segments = 0;

  /** The entry before the first of `entries`; see `Recovered`. */
  get base(): Recovered["base"] {
    return this.#base;
  }

  /** Behind `base`, once `endReplay` or `startAnew` was called. */
  get entries(): readonly EntrySummary[] {
    return this.#held;
  }

  /** Invariant: at most `lastIndex`, also where the log was cut short. */
  get commitIndex(): LogIndex {
    return this.#commitIndex;
  }

  get lastIndex(): LogIndex {
    return indexPlus(this.#firstIndex, this.#held.length - 1);
  }

  /** What outlives the replay, without a reference to it. */
  get ends(): LogEnds {
    const { commitIndex, lastBatch, lastIndex } = this;
    return { baseIndex: this.#base.index, lastIndex, lastBatch, commitIndex };
  }

  /** Turns to the next segment; says what is wrong when it cannot be the one with `head`. */
  beginSegment(head: SegmentHead): string | null {
    const { previousBatch, previousIndex } = head;
    this.#batches = [];
    if (this.#segments++ === 0) {
      this.lastBatch = previousBatch;
      this.#firstIndex = indexPlus(previousIndex, 1);
      return null;
    }
    if (this.incomplete) return "the last batch before it lacks entries";
    if (previousBatch === this.lastBatch && previousIndex === this.lastIndex) return null;
    const due = `batch ${previousBatch} and entry ${previousIndex}`;
    return `the segment follows ${due}, which are not the last ones before it`;
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
    this.#held.length = Math.max(0, firstIndex - this.#firstIndex);
    // A truncation may reach back behind what was held: what it replaced was cut off before.
    if (firstIndex < this.#firstIndex) this.#firstIndex = firstIndex;
    this.#batchCommitIndex = commitIndex;
  }

  /**
   * An entry of the batch has survived. Only now does the batch's commit index speak of it: where
   * it is lost, what it replaced still stands in its place, or something else may come to stand.
   */
  place(entry: LogEntry, segment: number, offset: number): void {
    const { index, term, kind, configuration } = entry;
    this.positions.set(index, segment, offset);
    this.#held.push({ index, term, kind, byteLength: entry.record.length, configuration });
    this.#noteCommitted(logIndex(Math.min(this.#batchCommitIndex, index)));
  }

  /** Where, in the last segment, the first batch after `mark` begins; null when there is none. */
  offsetAfter(mark: number): number | null {
    return this.#batches.find((batch) => batch.number > mark)?.offset ?? null;
  }

  /** Whether the log goes on from `snapshot`: it reaches it, and holds no other entry there. */
  continues({ lastIndex, lastTerm }: SnapshotEnd): boolean {
    if (this.lastIndex < lastIndex) return false;
    const held = this.#held[lastIndex - this.#firstIndex];
    return held === undefined || held.term === lastTerm;
  }

  /**
   * All is read, and the log goes on from `snapshot`. Of a log that does not begin with entry 1 the
   * first entry still held becomes the base, for only of that one the term is known; where none is
   * left that the snapshot stands for, the snapshot's last entry is the base itself.
   */
  endReplay(snapshot: SnapshotEnd | null): void {
    if (snapshot === null) return;
    const { lastIndex: index, lastTerm } = snapshot;
    assert(this.#firstIndex <= index + 1, "a log connects to its snapshot");
    assert(this.continues(snapshot), "a log that contradicts its snapshot starts anew");
    this.#noteCommitted(index);
    if (this.#firstIndex === 1) return;
    const [first] = this.#held;
    const isHeld = first !== undefined && this.#firstIndex <= index;
    this.#base = isHeld ? { index: first.index, term: first.term } : { index, term: lastTerm };
    if (isHeld) this.#held.shift();
    this.#firstIndex = indexPlus(this.#base.index, 1);
    this.positions.cut(this.#base.index);
  }

  /** Forgets all of it: the log goes on with nothing behind `snapshot`. */
  startAnew({ lastIndex: index, lastTerm }: SnapshotEnd, lastBatch: number): void {
    this.#base = { index, term: lastTerm };
    this.#held = [];
    this.#firstIndex = indexPlus(index, 1);
    this.#batches = [];
    this.positions.clear();
    this.incomplete = null;
    this.lastBatch = lastBatch;
    this.#commitIndex = index;
  }

  #noteCommitted(commitIndex: LogIndex): void {
    if (commitIndex > this.#commitIndex) this.#commitIndex = commitIndex;
  }
}
