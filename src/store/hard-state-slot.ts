/** What one slot of the hard state says, and its bytes. */
import { RECORD_HEADER_BYTES, RecordReader, sealRecord } from "../codec/record";
import {
  type HardState,
  type Incarnation,
  incarnation,
  type LogIndex,
  logIndex,
  nodeId,
  term,
} from "../types";

/** Everything up to `batch`, the log's last one then, was durable; it ended with `index`. */
export interface DurableMark {
  readonly batch: number;
  readonly index: LogIndex;
}

export interface Slot {
  /** Grows by one with each new content; the intact slot with the higher one is valid. */
  readonly sequence: number;
  readonly hardState: HardState;
  /** Of the last start; 0 before the first. */
  readonly incarnation: Incarnation;
  readonly mark: DurableMark;
  /** See `Recovered.forgottenUpTo`; survives restarts until the log has reached it again. */
  readonly forgottenUpTo: LogIndex | null;
}

export const initialSlot: Slot = {
  sequence: 1,
  hardState: { term: term(0), votedFor: null },
  incarnation: incarnation(0),
  mark: { batch: 0, index: logIndex(0) },
  forgottenUpTo: null,
};

const FIELDS = 7;
const RECORD_BYTES = RECORD_HEADER_BYTES + FIELDS * 8;

/** A record of seven float64, exact up to 2^53; 0 stands for null. */
export function encodeSlot(slot: Slot): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES);
  const view = new DataView(record.buffer, RECORD_HEADER_BYTES);
  const fields = [
    slot.sequence,
    slot.hardState.term,
    slot.hardState.votedFor ?? 0,
    slot.incarnation,
    slot.mark.batch,
    slot.mark.index,
    slot.forgottenUpTo ?? 0,
  ];
  fields.forEach((field, place) => {
    view.setFloat64(place * 8, field);
  });
  sealRecord(record);
  return record;
}

/** The slot at the start of `bytes`, or null where it is damaged. */
export function decodeSlot(bytes: Uint8Array): Slot | null {
  const reader = new RecordReader(bytes);
  if (reader.check(0) !== "intact" || reader.end(0) !== RECORD_BYTES) return null;
  const field = (place: number) => reader.view.getFloat64(RECORD_HEADER_BYTES + place * 8);
  return {
    sequence: field(0),
    hardState: { term: term(field(1)), votedFor: field(2) === 0 ? null : nodeId(field(2)) },
    incarnation: incarnation(field(3)),
    mark: { batch: field(4), index: logIndex(field(5)) },
    forgottenUpTo: field(6) === 0 ? null : logIndex(field(6)),
  };
}
