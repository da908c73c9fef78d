/**
 * What one append writes: a header record and the entries' records, in one piece.
 *
 * Batches are numbered from 1 without a gap, truncating ones included, and each header names the
 * last batch that was durable when it was written: the *durable mark*. Recovery compares numbers of
 * batches, not of entries, for an index means another entry after every truncation.
 */
import { joinRecords } from "../codec/entries";
import { RECORD_HEADER_BYTES, type RecordReader, sealRecord } from "../codec/record";
import type { LogEntry, LogIndex } from "../types";
import { logIndex } from "../types";

export interface BatchHeader {
  readonly number: number;
  /** Invariant: at most the last index before the batch plus one; lower, it truncates. */
  readonly firstIndex: LogIndex;
  readonly count: number;
  /** Everything up to this batch was durable. Invariant: `durableBatch < number`. */
  readonly durableBatch: number;
  /** Known committed when the batch was written. */
  readonly commitIndex: LogIndex;
}

/** A batch while it is being read. Invariant: `taken <= header.count`. */
export interface OpenBatch {
  readonly header: BatchHeader;
  /** Where its header stands, in bytes from the segment's start. */
  readonly offset: number;
  /** How many of its entries were read. */
  taken: number;
}

/** "BTCH": no entry's payload begins so, and a scan behind damage can look for it. */
const MAGIC = Uint8Array.of(0x42, 0x54, 0x43, 0x48);
const PAYLOAD_BYTES = 40;
/** Units: bytes. */
export const BATCH_HEADER_BYTES = RECORD_HEADER_BYTES + PAYLOAD_BYTES;

/** Places within the payload, in bytes. Numbers are float64, exact up to 2^53. */
const AT = { count: 4, number: 8, firstIndex: 16, durableBatch: 24, commitIndex: 32 } as const;

/** Units: bytes. */
export function batchLength(entries: readonly LogEntry[]): number {
  let length = BATCH_HEADER_BYTES;
  for (const entry of entries) length += entry.record.length;
  return length;
}

/** Lays header and records one behind the other. */
export function encodeBatch(header: BatchHeader, entries: readonly LogEntry[]): Uint8Array {
  const records = joinRecords(entries);
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + records.length);
  bytes.set(encodeBatchHeader(header));
  bytes.set(records, BATCH_HEADER_BYTES);
  return bytes;
}

export function encodeBatchHeader(header: BatchHeader): Uint8Array {
  const record = new Uint8Array(BATCH_HEADER_BYTES);
  record.set(MAGIC, RECORD_HEADER_BYTES);
  const view = new DataView(record.buffer, RECORD_HEADER_BYTES);
  view.setUint32(AT.count, header.count);
  view.setFloat64(AT.number, header.number);
  view.setFloat64(AT.firstIndex, header.firstIndex);
  view.setFloat64(AT.durableBatch, header.durableBatch);
  view.setFloat64(AT.commitIndex, header.commitIndex);
  sealRecord(record);
  return record;
}

/** The header in the intact record at `offset`, or null where that is something else. */
export function readBatchHeader(reader: RecordReader, offset: number): BatchHeader | null {
  const { bytes, view } = reader;
  const payload = offset + RECORD_HEADER_BYTES;
  if (reader.end(offset) - payload !== PAYLOAD_BYTES || !hasMagic(bytes, payload)) return null;
  return {
    count: view.getUint32(payload + AT.count),
    number: view.getFloat64(payload + AT.number),
    firstIndex: logIndex(view.getFloat64(payload + AT.firstIndex)),
    durableBatch: view.getFloat64(payload + AT.durableBatch),
    commitIndex: logIndex(view.getFloat64(payload + AT.commitIndex)),
  };
}

/** All intact headers at any place behind `offset`, where the order of records is lost. */
export function* findBatchHeaders(reader: RecordReader, offset: number): Generator<BatchHeader> {
  const { bytes } = reader;
  for (let at = offset + RECORD_HEADER_BYTES; ; at++) {
    at = bytes.indexOf(MAGIC[0] ?? 0, at);
    if (at === -1) return;
    const start = at - RECORD_HEADER_BYTES;
    if (!hasMagic(bytes, at) || reader.check(start) !== "intact") continue;
    const header = readBatchHeader(reader, start);
    if (header) yield header;
  }
}

function hasMagic(bytes: Uint8Array, at: number): boolean {
  return MAGIC.every((byte, place) => bytes[at + place] === byte);
}

/**
 * The same entries over the batch's own memory, where they are views of something larger: a cached
 * entry must not hold on to bytes that nobody else needs.
 */
export function rebaseEntries(entries: readonly LogEntry[], batch: Uint8Array): LogEntry[] {
  let offset = BATCH_HEADER_BYTES;
  return entries.map((entry) => {
    const start = offset;
    offset += entry.record.length;
    if (entry.record.buffer.byteLength <= batch.length) return entry;
    return { ...entry, record: batch.subarray(start, offset) };
  });
}
