/**
 * The event-sourced log on disk: append-only segments, group commit, a cache of the newest entries.
 * Recovery is elsewhere (`open-store.ts`): this begins with a log that is whole and durable.
 */
import { AssertionError, assert } from "../assert";
import { FatalError } from "../errors";
import type { HardState, LogEntry, LogIndex, Term } from "../types";
import { logIndex } from "../types";
import { BATCH_HEADER_BYTES, batchLength, encodeBatch, rebaseEntries } from "./batch";
import { writeFailed } from "./fatal";
import { GroupCommit, type GroupCommitListeners } from "./group-commit";
import type { HardStateFile } from "./hard-state";
import type { StoreLimits } from "./limits";
import { LogReader } from "./log-reader";
import { type FileSystem, type LogStore, NoSpaceError } from "./ports";
import type { Positions } from "./positions";
import type { LogEnds } from "./replayed-log";
import { type Reserve, withReserve } from "./reserve";
import type { Segment } from "./segment";
import type { SegmentRun } from "./segment-run";
import { TailCache } from "./tail-cache";

/**
 * What `openStore` hands over: nothing of the recovered entries but their positions, for this is
 * kept as long as the store lives.
 */
export interface StoreParts extends Pick<GroupCommitListeners, "onDurable" | "onSyncing"> {
  readonly fileSystem: FileSystem;
  readonly segments: SegmentRun;
  readonly positions: Positions;
  /** Where the recovered log begins and ends; all of it is durable. */
  readonly ends: LogEnds;
  readonly hardState: HardStateFile;
  readonly reserve: Reserve;
  readonly limits: StoreLimits;
  readonly onFatal: (error: FatalError) => void;
}

export class SegmentedLog implements LogStore {
  readonly #parts: StoreParts;
  readonly #cache: TailCache;
  readonly #reader: LogReader;
  readonly #commit: GroupCommit;
  #ends: LogEnds;
  #bytesWritten = 0;
  #bytesSinceMark = 0;
  #markIsRepeated = true;
  /** Set by the first fault: from then on nothing is written and nothing is promised. */
  #fault: FatalError | AssertionError | null = null;
  #closed: (() => void) | null = null;

  constructor(parts: StoreParts) {
    const { ends, positions, segments } = parts;
    this.#parts = parts;
    this.#cache = new TailCache(parts.limits.cacheBytesMax);
    this.#reader = new LogReader({ cache: this.#cache, segments, positions });
    this.#ends = ends;
    const durable = { batch: ends.lastBatch, index: ends.lastIndex };
    this.#commit = new GroupCommit(durable, {
      ...parts,
      onFatal: (error) => this.fail(error),
      onSynced: () => this.#noteMark(),
    });
  }

  get baseIndex(): LogIndex {
    return this.#ends.baseIndex;
  }
  get lastIndex(): LogIndex {
    return this.#ends.lastIndex;
  }
  get durableIndex(): LogIndex {
    return this.#commit.durable.index;
  }
  get bytesWritten(): number {
    return this.#bytesWritten;
  }
  get syncs(): number {
    return this.#commit.syncs + this.#parts.hardState.syncs;
  }
  get hasRoom(): boolean {
    return this.#parts.reserve.whole;
  }

  append(
    entries: readonly LogEntry[],
    options: { readonly generation: number; readonly commitIndex: LogIndex },
  ): void {
    const first = entries[0];
    const last = entries.at(-1);
    assert(first !== undefined && last !== undefined, "an append has entries");
    assert(last.index - first.index === entries.length - 1, "an append's entries have no gap");
    assert(first.index <= this.#ends.lastIndex + 1, "an append leaves no gap in the log");
    assert(first.index > this.#ends.commitIndex, "a committed entry is never replaced");
    if (this.#fault) throw this.#fault;
    this.#orFail(() => {
      const batch = { entries, firstIndex: first.index, lastIndex: last.index, ...options };
      this.#withReserve(() => this.#write(batch));
    });
  }

  read(first: LogIndex, last: LogIndex, bytesMax: number): readonly LogEntry[] {
    assert(first > this.#ends.baseIndex, "a range begins behind the log's base");
    assert(first <= last, "a range is not empty");
    assert(last <= this.#ends.lastIndex, "a range ends within the log");
    const range = { firstIndex: first, lastIndex: last };
    return this.#orFail(() => this.#reader.read(range, bytesMax));
  }

  roll(): void {
    const { limits, segments } = this.#parts;
    segments.roll(limits.preallocateBytes);
  }

  cut(baseIndex: LogIndex): void {
    assert(baseIndex <= this.durableIndex, "what is cut off was durable");
    if (this.#fault) throw this.#fault;
    if (baseIndex <= this.#ends.baseIndex) return;
    this.#ends = { ...this.#ends, baseIndex };
    this.#parts.positions.cut(baseIndex);
    this.#orFail(() => this.#parts.segments.cut(baseIndex));
  }

  reset(last: { readonly index: LogIndex; readonly term: Term }): void {
    assert(last.index >= this.#ends.commitIndex, "a snapshot replaces no entry known committed");
    if (this.#fault) throw this.#fault;
    const { fileSystem, hardState, positions, segments } = this.#parts;
    // It counts as a batch: a mark of the log before, with a higher index, is no promise any more.
    const mark = { batch: this.#ends.lastBatch + 1, index: last.index };
    const head = { previousBatch: mark.batch, previousIndex: mark.index };
    this.#orFail(() => {
      try {
        this.#withReserve(() => segments.startAnew(head));
      } catch (error) {
        // The snapshot has its name already, so that the next start resets the log.
        throw error instanceof NoSpaceError ? writeFailed(fileSystem.describe(""), error) : error;
      }
    });
    positions.clear();
    this.#cache.clear();
    const { batch, index } = mark;
    this.#ends = { baseIndex: index, lastIndex: index, lastBatch: batch, commitIndex: index };
    this.#commit.startAnew(mark);
    hardState.note(mark);
    this.#markIsRepeated = false;
    this.repeatMark();
  }

  prepareReset(): boolean {
    if (this.#fault) throw this.#fault;
    try {
      this.#orFail(() => this.#withReserve(() => this.#parts.segments.prepareAnew()));
      return true;
    } catch (error) {
      if (error instanceof NoSpaceError) return false;
      throw error;
    }
  }

  persistHardState(hardState: HardState, done: () => void): void {
    if (!this.#fault) this.#parts.hardState.persist(hardState, done);
  }

  repeatMark(): void {
    if (this.#fault || this.#markIsRepeated) return;
    this.#markIsRepeated = true;
    this.#bytesSinceMark = 0;
    this.#parts.hardState.repeatMark();
  }

  clearForgotten(): void {
    if (!this.#fault) this.#parts.hardState.clearForgotten();
  }

  restoreReserve(): void {
    if (!this.#fault) this.#orFail(() => this.#parts.reserve.restore());
  }

  close(done: () => void): void {
    this.#closed = done;
    if (this.#fault) {
      this.#release();
      return;
    }
    const { hardState } = this.#parts;
    this.#commit.whenIdle(() => {
      hardState.whenIdle(() => {
        this.#orFail(() => hardState.writeNow({}));
        this.#release();
      });
    });
  }

  /** Stops the store for good. Also called by the parts whose work fails in the background. */
  fail(error: FatalError): void {
    if (this.#fault) return;
    this.#die(error);
    this.#parts.onFatal(error);
    this.#release();
  }

  #write(batch: {
    readonly entries: readonly LogEntry[];
    readonly firstIndex: LogIndex;
    readonly lastIndex: LogIndex;
    readonly generation: number;
    readonly commitIndex: LogIndex;
  }): void {
    const { entries, firstIndex, lastIndex, generation } = batch;
    const { hardState, limits, positions } = this.#parts;
    const segment = this.#segmentFor(batchLength(entries));
    const number = this.#ends.lastBatch + 1;
    // What a leader said is no use to a node that may forget the leader's term: it could follow one
    // of an earlier term then, who knows of no such commit.
    const commitIndex = hardState.isDurable
      ? logIndex(Math.max(this.#ends.commitIndex, batch.commitIndex))
      : this.#ends.commitIndex;
    const durableBatch = this.#commit.durable.batch;
    const header = { number, firstIndex, count: entries.length, durableBatch, commitIndex };
    const bytes = encodeBatch(header, entries);
    const growth = Math.min(limits.preallocateBytes, limits.segmentBytesMax - segment.end);
    let offset = segment.append(bytes, growth) + BATCH_HEADER_BYTES;

    // It is written: from here on nothing fails.
    if (firstIndex <= this.#ends.lastIndex) this.#commit.truncated(firstIndex);
    for (const entry of entries) {
      positions.set(entry.index, segment.sequence, offset);
      offset += entry.record.length;
    }
    this.#cache.append(rebaseEntries(entries, bytes));
    this.#ends = { ...this.#ends, lastIndex, lastBatch: number, commitIndex };
    this.#bytesWritten += bytes.length;
    this.#bytesSinceMark += bytes.length;
    this.#commit.appended({ batch: number, index: lastIndex, generation, segment });
  }

  /** The segment that a batch of `length` bytes goes to: the last one, or a new one. */
  #segmentFor(length: number): Segment {
    const { limits, segments } = this.#parts;
    const fitting = segments.fitting(length, limits.segmentBytesMax);
    if (fitting) return fitting;
    const { last } = segments;
    const mark = { batch: this.#ends.lastBatch, index: this.#ends.lastIndex };
    const head = { previousBatch: mark.batch, previousIndex: mark.index, startsAnew: false };
    const segment = segments.add(head, limits.preallocateBytes);
    this.#commit.syncedBefore(mark);
    if (last) this.#noteMark();
    this.repeatMark();
    return segment;
  }

  #noteMark(): void {
    this.#parts.hardState.note(this.#commit.durable);
    this.#markIsRepeated = false;
    if (this.#bytesSinceMark >= this.#parts.limits.markEveryBytes) this.repeatMark();
  }

  #die(fault: FatalError | AssertionError): void {
    this.#fault = fault;
    this.#commit.stop();
  }

  /** Tries again with the room of the reserve, where there is any. */
  #withReserve(work: () => void): void {
    withReserve(() => this.#parts.reserve.release(), work);
  }

  /** Every error but a full disk ends the store; a fault of ours is not blamed on the disk. */
  #orFail<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (error instanceof NoSpaceError) throw error;
      if (error instanceof AssertionError) {
        this.#die(error);
        this.#release();
        throw error;
      }
      const directory = this.#parts.fileSystem.describe("");
      const fatal = error instanceof FatalError ? error : writeFailed(directory, error);
      this.fail(fatal);
      throw fatal;
    }
  }

  #release(): void {
    const closed = this.#closed;
    if (!closed) return;
    this.#closed = null;
    this.#commit.stop();
    this.#parts.segments.close();
    this.#parts.hardState.close();
    this.#parts.reserve.close();
    this.#parts.fileSystem.unlock();
    closed();
  }
}
