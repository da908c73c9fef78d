/**
 * Where on disk each entry's record begins: one number an entry, in fixed chunks, so that a million
 * entries cost 8 MB, no chunk is ever copied to grow, and those of a log's cut part are let go.
 */
import { assert } from "../assert";
import type { LogIndex } from "../types";

/** So few that a small log, of which tests and simulations open thousands, costs 8 KiB. */
const CHUNK_ENTRIES = 1024;
/** Offsets are below it, so that segment and offset share one exact number. */
const OFFSET_LIMIT = 2 ** 32;

export interface Position {
  /** Sequence of the segment. */
  readonly segment: number;
  /** Bytes from the start of the segment. */
  readonly offset: number;
}

const chunkOf = (index: LogIndex): number => Math.floor((index - 1) / CHUNK_ENTRIES);

export class Positions {
  /** By number: a log that was cut begins anywhere. */
  readonly #chunks = new Map<number, Float64Array>();

  set(index: LogIndex, segment: number, offset: number): void {
    assert(offset < OFFSET_LIMIT, "an offset within a segment is below 4 GiB");
    const number = chunkOf(index);
    let chunk = this.#chunks.get(number);
    if (!chunk) {
      chunk = new Float64Array(CHUNK_ENTRIES);
      this.#chunks.set(number, chunk);
    }
    chunk[(index - 1) % CHUNK_ENTRIES] = segment * OFFSET_LIMIT + offset;
  }

  get(index: LogIndex): Position {
    const packed = this.#chunks.get(chunkOf(index))?.[(index - 1) % CHUNK_ENTRIES];
    assert(packed !== undefined && packed > 0, "an entry of the log has a position");
    return { segment: Math.floor(packed / OFFSET_LIMIT), offset: packed % OFFSET_LIMIT };
  }

  /** Lets the memory go of the entries up to `index`, in whole chunks. */
  cut(index: LogIndex): void {
    const kept = Math.floor(index / CHUNK_ENTRIES);
    for (const number of this.#chunks.keys()) if (number < kept) this.#chunks.delete(number);
  }

  clear(): void {
    this.#chunks.clear();
  }

  /** Chunks in memory, 8 KiB each. */
  get chunkCount(): number {
    return this.#chunks.size;
  }
}
