/** What kind of peer message some bytes are, seen without decoding them. */
import { raftKinds } from "./raft-messages";
import { answerKinds, requestKinds } from "./request-messages";

/** Where a packed message keeps its kind: behind the array's mark and the version. */
const KIND_OFFSET = 2;
/** msgpack's marks of an array of up to 15 elements. */
const SHORT_ARRAY = 0x90;

/** No kind has a higher number. */
export const KIND_MAX = 63;

/** The codec's number for the kind of message; 0 where it cannot be seen without decoding. */
export const kindOf = (bytes: Uint8Array): number =>
  ((bytes[0] ?? 0) & 0xf0) === SHORT_ARRAY ? (bytes[KIND_OFFSET] ?? 0) & KIND_MAX : 0;

/** A name and the numbers of its kinds: Raft's messages one by one, requests and answers each. */
export const kindNames: readonly (readonly [name: string, kinds: readonly number[]])[] = [
  ...Object.entries(raftKinds).map(([name, kind]) => [name, [kind]] as const),
  ["request", Object.values(requestKinds)],
  ["answer", Object.values(answerKinds)],
];
