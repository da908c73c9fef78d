/**
 * The frame around everything the log keeps: `u32 length | u32 CRC-32 | payload`, big-endian, where
 * `length` counts the payload. A payload is never empty, so eight zero bytes are no record: a
 * scan of a zero-filled file ends by itself.
 */
import { assert } from "../assert";
import { crc32 } from "./crc32";

/** Length and checksum. Units: bytes. */
export const RECORD_HEADER_BYTES = 8;
/** No payload is longer; a longer claim is damage. Units: bytes. */
export const RECORD_PAYLOAD_BYTES_MAX = 16 * 1024 * 1024;

/** Fills in the header of a record whose payload already stands behind it. */
export function sealRecord(record: Uint8Array): void {
  const view = new DataView(record.buffer, record.byteOffset, RECORD_HEADER_BYTES);
  sealRecordIn(record, view, { start: 0, end: record.length });
}

/** The same for the record from `start` up to, excluding, `end`; `view` is of the same `bytes`. */
export function sealRecordIn(
  bytes: Uint8Array,
  view: DataView,
  { end, start }: { readonly start: number; readonly end: number },
): void {
  const payload = start + RECORD_HEADER_BYTES;
  assert(end > payload, "a record's payload is not empty");
  assert(end - payload <= RECORD_PAYLOAD_BYTES_MAX, "a record's payload keeps to its limit");
  view.setUint32(start, end - payload);
  view.setUint32(start + 4, crc32(bytes.subarray(payload, end)));
}

/**
 * What stands at a position: a whole record, zeros or the end of the bytes, a record that reaches
 * beyond the end of the bytes, or something whose checksum does not hold.
 */
export type RecordCheck = "intact" | "absent" | "cut" | "damaged";

/** Reads consecutive records out of `bytes` without copying. */
export class RecordReader {
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  check(offset: number): RecordCheck {
    const remaining = this.bytes.length - offset;
    if (remaining === 0) return "absent";
    if (remaining < RECORD_HEADER_BYTES) return isZero(this.bytes, offset) ? "absent" : "cut";
    const length = this.view.getUint32(offset);
    const checksum = this.view.getUint32(offset + 4);
    if (length === 0) return checksum === 0 ? "absent" : "damaged";
    if (length > RECORD_PAYLOAD_BYTES_MAX) return "damaged";
    if (length > remaining - RECORD_HEADER_BYTES) return "cut";
    const payload = offset + RECORD_HEADER_BYTES;
    return crc32(this.bytes.subarray(payload, payload + length)) === checksum
      ? "intact"
      : "damaged";
  }

  /** Where the record at `offset` ends, by its own claim: exclusive. */
  end(offset: number): number {
    return offset + RECORD_HEADER_BYTES + this.view.getUint32(offset);
  }
}

/** Whether nothing but zeros follows from `offset` on. */
export function isZero(bytes: Uint8Array, offset: number): boolean {
  for (let position = offset; position < bytes.length; position++) {
    if (bytes[position] !== 0) return false;
  }
  return true;
}
