/** Reads entries: the newest from memory, older ones from their segments, a page at a time. */
import { assert } from "../assert";
import { decodeEntryAt } from "../codec/entries";
import { RECORD_HEADER_BYTES, RecordReader } from "../codec/record";
import { FatalError } from "../errors";
import type { IndexRange, LogEntry } from "../types";
import { indexPlus } from "../types";
import { REPLACE_THIS_NODE } from "./fatal";
import type { Position, Positions } from "./positions";
import type { SegmentRun } from "./segment-run";
import type { TailCache } from "./tail-cache";

/** Read at a time; a longer record is read by itself. Units: bytes. */
const PAGE_BYTES = 256 * 1024;

export interface LogReaderParts {
  readonly cache: TailCache;
  readonly segments: SegmentRun;
  readonly positions: Positions;
}

export class LogReader {
  readonly #parts: LogReaderParts;

  constructor(parts: LogReaderParts) {
    this.#parts = parts;
  }

  /** The first entries of `range` that fit `bytesMax`, but at least one. */
  read({ firstIndex, lastIndex }: IndexRange, bytesMax: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let bytes = 0;
    while (firstIndex + entries.length <= lastIndex) {
      const next = indexPlus(firstIndex, entries.length);
      const cached = this.#parts.cache.get(next);
      const page = cached
        ? [cached]
        : this.#readPage({ firstIndex: next, lastIndex }, bytesMax - bytes);
      for (const entry of page) {
        bytes += entry.record.length;
        if (bytes > bytesMax && entries.length > 0) return entries;
        entries.push(entry);
      }
    }
    return entries;
  }

  /** The first entries of `range`: at least one, and no more than fit `bytesMax` and a page. */
  #readPage(range: IndexRange, bytesMax: number): LogEntry[] {
    const { positions } = this.#parts;
    const start = positions.get(range.firstIndex);
    const page = this.#page(start);
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (let index = range.firstIndex; index <= range.lastIndex; index = indexPlus(index, 1)) {
      const position = positions.get(index);
      const offset = position.offset - start.offset;
      if (position.segment !== start.segment || offset < 0) break;
      // What is left of a header where the page ends is no sign of anything, zeros least of all.
      const isHeaderCut = page.bytes.length - offset < RECORD_HEADER_BYTES;
      const check = isHeaderCut ? "cut" : page.check(offset);
      if (check === "cut" && entries.length > 0) break;
      if (check !== "intact") throw this.#damaged(position);
      const entry = decodeEntryAt(page, offset);
      assert(entry.index === index, "an entry stands at its position");
      bytes += entry.record.length;
      if (bytes > bytesMax && entries.length > 0) break;
      entries.push(entry);
    }
    return entries;
  }

  #page({ segment, offset }: Position): RecordReader {
    const { file } = this.#parts.segments.get(segment);
    const page = new RecordReader(file.read(offset, PAGE_BYTES));
    if (page.check(0) !== "cut" || page.bytes.length < RECORD_HEADER_BYTES) return page;
    return new RecordReader(file.read(offset, page.end(0)));
  }

  #damaged(position: Position): FatalError {
    const file = this.#parts.segments.get(position.segment).path;
    return new FatalError(
      "log_corrupted",
      `${file}: the record at byte ${position.offset} is damaged; it was whole when it was written`,
      { file, offset: position.offset, nextStep: REPLACE_THIS_NODE },
    );
  }
}
