/** How a segment begins: a preamble, and a record that ties it to the log before it. */
import { RECORD_HEADER_BYTES, RecordReader, sealRecord } from "../codec/record";
import { type LogIndex, logIndex } from "../types";
import { encodePreamble, hasPreamble, PREAMBLE_BYTES } from "./preamble";

export interface SegmentHead {
  /** Number of the last batch before the segment; all up to it are durable. */
  readonly previousBatch: number;
  /** Where the log ended when the segment was created; 0 for an empty log. */
  readonly previousIndex: LogIndex;
  /** No earlier segment counts any more: a snapshot stands for all up to `previousIndex`. */
  readonly startsAnew: boolean;
}

const FORMAT = { magic: "BALSALOG", version: 2 } as const;
/** "HEAD". */
const MAGIC = 0x48_45_41_44;
const PAYLOAD_BYTES = 24;
/** Places within the payload, in bytes. Numbers are float64, exact up to 2^53. */
const AT = { magic: 0, startsAnew: 4, previousBatch: 8, previousIndex: 16 } as const;

/** Where the first batch of a segment begins. Units: bytes. */
export const FIRST_BATCH_OFFSET = PREAMBLE_BYTES + RECORD_HEADER_BYTES + PAYLOAD_BYTES;

/** All bytes before the first batch. */
export function encodeSegmentHead(head: SegmentHead): Uint8Array {
  const bytes = new Uint8Array(FIRST_BATCH_OFFSET);
  bytes.set(encodePreamble(FORMAT));
  const view = new DataView(bytes.buffer, PREAMBLE_BYTES + RECORD_HEADER_BYTES);
  view.setUint32(AT.magic, MAGIC);
  view.setUint32(AT.startsAnew, head.startsAnew ? 1 : 0);
  view.setFloat64(AT.previousBatch, head.previousBatch);
  view.setFloat64(AT.previousIndex, head.previousIndex);
  sealRecord(bytes.subarray(PREAMBLE_BYTES));
  return bytes;
}

/**
 * What the first bytes of a segment say, or null where they are cut or damaged.
 * Errors: as `hasPreamble`.
 */
export function decodeSegmentHead(bytes: Uint8Array, path: string): SegmentHead | null {
  if (!hasPreamble(bytes, FORMAT, path)) return null;
  const reader = new RecordReader(bytes.subarray(0, FIRST_BATCH_OFFSET));
  if (reader.check(PREAMBLE_BYTES) !== "intact") return null;
  if (reader.end(PREAMBLE_BYTES) !== FIRST_BATCH_OFFSET) return null;
  const payload = PREAMBLE_BYTES + RECORD_HEADER_BYTES;
  const { view } = reader;
  if (view.getUint32(payload + AT.magic) !== MAGIC) return null;
  return {
    previousBatch: view.getFloat64(payload + AT.previousBatch),
    previousIndex: logIndex(view.getFloat64(payload + AT.previousIndex)),
    startsAnew: view.getUint32(payload + AT.startsAnew) === 1,
  };
}
