/** Replays one segment, record by record, up to the first place that holds no good record. */
import { decodeEntryAt } from "../codec/entries";
import { MalformedError } from "../codec/malformed";
import { isZero, RecordReader } from "../codec/record";
import type { LogEntry } from "../types";
import { type BatchHeader, readBatchHeader } from "./batch";
import type { ReplayedLog } from "./replayed-log";
import { FIRST_BATCH_OFFSET, type Segment } from "./segment";

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

/** The batch being read, before and after its first entry has survived. */
interface OpenBatch {
  readonly header: BatchHeader;
  readonly offset: number;
  taken: number;
}

export function scanSegment(segment: Segment, bytes: Uint8Array, log: ReplayedLog): ScanEnd {
  log.beginSegment();
  if (!segment.hasPreamble(bytes)) {
    const detail = "the segment's first bytes are not a preamble";
    const how = bytes.length < FIRST_BATCH_OFFSET ? "cut" : "damaged";
    return { offset: 0, badOffset: 0, batch: log.lastBatch + 1, how, detail };
  }
  const reader = new RecordReader(bytes);
  let batch: OpenBatch | null = null;
  for (let offset = FIRST_BATCH_OFFSET; ; offset = reader.end(offset)) {
    const check = reader.check(offset);
    if (check === "absent" && !isZero(bytes, offset)) {
      return stop(batch, offset, log, "damaged", "a record is missing before others");
    }
    if (check === "absent" && batch?.taken === 0) {
      // Its header must go: new entries behind an old header would be read as its own.
      const how = offset === bytes.length ? "cut" : "damaged";
      return stop(batch, offset, log, how, "a batch has none of its entries");
    }
    if (check === "absent") return stop(batch, offset, log, "end", "");
    if (check === "cut") return stop(batch, offset, log, "cut", "the file ends within a record");
    if (check === "damaged") {
      return stop(batch, offset, log, "damaged", "a record's checksum does not hold");
    }
    const header = readBatchHeader(reader, offset);
    if (header) {
      if (batch?.taken === 0 || !log.continuesWith(header)) {
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
    if (batch.taken === 0) {
      log.beginBatch(batch.header.number, batch.offset, batch.header.firstIndex);
    }
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

/** A batch without a surviving entry is given up whole, header included. */
function stop(
  batch: OpenBatch | null,
  badOffset: number,
  log: ReplayedLog,
  how: ScanEnd["how"],
  detail: string,
): ScanEnd {
  const isWithin = batch !== null && batch.taken < batch.header.count;
  const number = isWithin ? batch.header.number : log.lastBatch + 1;
  const offset = isWithin && batch.taken === 0 ? batch.offset : badOffset;
  return { offset, badOffset, batch: number, how, detail };
}
