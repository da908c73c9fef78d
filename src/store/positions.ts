/**
 * Where on disk each entry's record begins: one number an entry, in fixed chunks, so that a million
 * entries cost 8 MB and no chunk is ever copied to grow.
 */
import { assert } from "../assert";
import type { LogIndex } from "../types";

const CHUNK_ENTRIES = 8192;
/** Offsets are below it, so that segment and offset share one exact number. */
const OFFSET_LIMIT = 2 ** 32;

export interface Position {
  /** Sequence of the segment. */
  readonly segment: number;
  /** Bytes from the start of the segment. */
  readonly offset: number;
}

export class Positions {
  readonly #chunks: Float64Array[] = [];

  set(index: LogIndex, segment: number, offset: number): void {
    assert(offset < OFFSET_LIMIT, "an offset within a segment is below 4 GiB");
    const number = Math.floor((index - 1) / CHUNK_ENTRIES);
    let chunk = this.#chunks[number];
    if (!chunk) {
      assert(number === this.#chunks.length, "positions are set without a gap");
      chunk = new Float64Array(CHUNK_ENTRIES);
      this.#chunks.push(chunk);
    }
    chunk[(index - 1) % CHUNK_ENTRIES] = segment * OFFSET_LIMIT + offset;
  }

  get(index: LogIndex): Position {
    const chunk = this.#chunks[Math.floor((index - 1) / CHUNK_ENTRIES)];
    const packed = chunk?.[(index - 1) % CHUNK_ENTRIES];
    assert(packed !== undefined && packed > 0, `entry ${index} has a position`);
    return { segment: Math.floor(packed / OFFSET_LIMIT), offset: packed % OFFSET_LIMIT };
  }
}
