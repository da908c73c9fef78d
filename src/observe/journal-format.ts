/** How a transition stands in the journal: a record as the log's, of plain positional fields. */
import { packFields, unpackFields } from "../codec/fields";
import { MalformedError } from "../codec/malformed";
import { RECORD_HEADER_BYTES, RecordReader, sealRecord } from "../codec/record";
import { encodePreamble, hasPreamble, PREAMBLE_BYTES } from "../store/preamble";
import { nodeId, term } from "../types";
import type { Transition } from "./transition";

const FORMAT = { magic: "BALSATRN", version: 1 } as const;
/** A name, a state, an event. **Units**: UTF-16 units. */
const NAME_LENGTH_MAX = 256;
/** A reason may quote what a peer or the system said: more of it is left out. */
export const REASON_LENGTH_MAX = 1024;

/** What a segment begins with. */
export const SEGMENT_HEAD: Uint8Array = encodePreamble(FORMAT);

export function encodeTransition(transition: Transition): Uint8Array {
  const { event, from, index, machine, node, reason, seq, to, wallMs } = transition;
  const cut = reason.slice(0, REASON_LENGTH_MAX).toWellFormed();
  const place = [seq, node, machine, from, event, to];
  const payload = packFields([
    ...place,
    transition.term,
    index,
    cut,
    transition.monotonicMs,
    wallMs,
  ]);
  const record = new Uint8Array(RECORD_HEADER_BYTES + payload.length);
  record.set(payload, RECORD_HEADER_BYTES);
  sealRecord(record);
  return record;
}

/** What a segment holds, up to the first thing in it that is not whole. */
export interface ReadSegment {
  readonly transitions: readonly Transition[];
  /** Where the last whole record ends: the next one may begin there if nothing else does. */
  readonly end: number;
}

/** null for what is no segment of this version. */
export function readSegment(bytes: Uint8Array, path: string): ReadSegment | null {
  try {
    if (!hasPreamble(bytes, FORMAT, path)) return null;
  } catch {
    // A later version's: it is a diary, so this one begins its own.
    return null;
  }
  const reader = new RecordReader(bytes);
  const transitions: Transition[] = [];
  let end = PREAMBLE_BYTES;
  while (reader.check(end) === "intact") {
    const next = reader.end(end);
    const transition = decode(bytes.subarray(end + RECORD_HEADER_BYTES, next));
    if (transition === null || transition.seq <= (transitions.at(-1)?.seq ?? 0)) break;
    transitions.push(transition);
    end = next;
  }
  return { transitions, end };
}

function decode(payload: Uint8Array): Transition | null {
  try {
    const fields = unpackFields(payload, "transition");
    const transition: Transition = {
      seq: fields.positive("seq"),
      node: nodeId(fields.positive("node")),
      machine: fields.text("machine", NAME_LENGTH_MAX),
      from: fields.textOrNull("from", NAME_LENGTH_MAX),
      event: fields.text("event", NAME_LENGTH_MAX),
      to: fields.textOrNull("to", NAME_LENGTH_MAX),
      term: term(fields.count("term")),
      index: fields.countOrNull("index"),
      reason: fields.text("reason", REASON_LENGTH_MAX),
      monotonicMs: fields.count("monotonic time"),
      wallMs: fields.count("wall time"),
    };
    fields.end();
    return transition;
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}
