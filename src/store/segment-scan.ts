/** Replays one segment, record by record, up to the first place that holds no good record. */
import { decodeEntryAt } from "../codec/entries";
import { MalformedError } from "../codec/malformed";
import { isZero, RECORD_HEADER_BYTES, RecordReader } from "../codec/record";
import type { LogEntry } from "../types";
import { type OpenBatch, readBatchHeader } from "./batch";
import type { ReplayedLog } from "./replayed-log";
import type { Segment } from "./segment";
import { FIRST_BATCH_OFFSET } from "./segment-head";

/** Where and why the replay of a segment stopped. */
export interface ScanEnd {
  /** Bytes from the segment's start. From here on nothing was replayed. */
  readonly offset: number;
  /** Where the bad record itself begins: behind `offset` when a batch is given up whole. */
  readonly badOffset: number;
  /** The batch that the missing or bad record belongs to. */
  readonly batch: number;
  /**
   * `end`: only zeros follow. `cut`: the file ends within a record. `damaged`: bytes that no writer
   * wrote. `foreign`: a record that is whole, yet not the one due here; no torn write looks so.
   */
  readonly how: "end" | "cut" | "damaged" | "foreign";
  readonly detail: string;
}

export function scanSegment(segment: Segment, bytes: Uint8Array, log: ReplayedLog): ScanEnd {
  if (!segment.hasHead) {
    const how = bytes.length < FIRST_BATCH_OFFSET ? "cut" : "damaged";
    return stop(null, 0, log, how, "the segment's first bytes are not a head");
  }
  const misfit = log.beginSegment(segment.head);
  if (misfit) return stop(null, 0, log, "foreign", misfit);
  const reader = new RecordReader(bytes);
  let batch: OpenBatch | null = null;
  for (let offset = FIRST_BATCH_OFFSET; ; offset = reader.end(offset)) {
    const check = reader.check(offset);
    if (check === "absent" && !isZero(bytes, offset)) {
      return stop(batch, offset, log, "damaged", "a record is missing before others");
    }
    if (check === "absent" && batch?.taken === 0) {
      // Its header must go: new entries behind an old header would be read as its own. Where the
      // file has no room for the record that is due, it was longer once: zeros are part of that.
      const how = bytes.length - offset < RECORD_HEADER_BYTES ? "cut" : "damaged";
      return stop(batch, offset, log, how, "a batch has none of its entries");
    }
    if (check === "absent") return stop(batch, offset, log, "end", "");
    if (check === "cut") return stop(batch, offset, log, "cut", "the file ends within a record");
    if (check === "damaged") {
      return stop(batch, offset, log, "damaged", "a record's checksum does not hold");
    }
    const header = readBatchHeader(reader, offset);
    if (header) {
      if (isIncomplete(batch) || !log.continuesWith(header)) {
        return stop(batch, offset, log, "foreign", `batch ${header.number} is out of order`);
      }
      log.learn(header);
      batch = { header, offset, taken: 0 };
      continue;
    }
    const entry = entryAt(reader, offset);
    if (!batch || !entry || !belongs(entry, batch)) {
      return stop(batch, offset, log, "foreign", "a whole record is not the entry due here");
    }
    if (batch.taken === 0) log.beginBatch(batch.header, batch.offset);
    log.place(entry, segment.sequence, offset);
    batch.taken++;
  }
}

function belongs(entry: LogEntry, { header, taken }: OpenBatch): boolean {
  return taken < header.count && entry.index === header.firstIndex + taken;
}

function entryAt(reader: RecordReader, offset: number): LogEntry | null {
  try {
    return decodeEntryAt(reader, offset);
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

/** Ends the scan. A batch without a surviving entry is given up whole, header included. */
function stop(
  batch: OpenBatch | null,
  badOffset: number,
  log: ReplayedLog,
  how: ScanEnd["how"],
  detail: string,
): ScanEnd {
  if (!isIncomplete(batch)) {
    return { offset: badOffset, badOffset, batch: log.lastBatch + 1, how, detail };
  }
  const isEmpty = batch.taken === 0;
  log.incomplete = isEmpty ? null : batch;
  const offset = isEmpty ? batch.offset : badOffset;
  return { offset, badOffset, batch: batch.header.number, how, detail };
}

function isIncomplete(batch: OpenBatch | null): batch is OpenBatch {
  return batch !== null && batch.taken < batch.header.count;
}
