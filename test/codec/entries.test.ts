import { describe, expect, test } from "bun:test";
import { Packr } from "msgpackr";
import { crc32, crc32ByTable } from "../../src/codec/crc32";
import {
  COMMAND_OVERHEAD_BYTES,
  decodeEntries,
  decodeEntry,
  encodeEntry,
} from "../../src/codec/entries";
import { MalformedError } from "../../src/codec/malformed";
import { RECORD_HEADER_BYTES, RecordReader, sealRecord } from "../../src/codec/record";
import { diskId, type EntryDraft, foundedBy, logIndex, nodeId, term } from "../../src/types";

const place = { index: logIndex(2 ** 33), term: term(7), timeMs: 1_700_000_000_123 };
const drafts: readonly EntryDraft[] = [
  { kind: "noop" },
  { kind: "command", command: Uint8Array.of(1, 2, 255) },
  { kind: "command", command: new Uint8Array(0) },
  {
    kind: "configuration",
    configuration: {
      voters: [
        { id: nodeId(1), peerAddress: "127.0.0.1:9081", diskId: diskId("ab") },
        { id: nodeId(2), peerAddress: "127.0.0.1:9082", diskId: null },
      ],
      learners: [{ id: nodeId(4), peerAddress: "127.0.0.1:9084", diskId: null, stays: true }],
      removed: [
        { id: nodeId(3), diskId: diskId("cd") },
        { id: nodeId(5), diskId: null },
      ],
    },
  },
];

/** A sealed record around a hand-made payload. */
function record(payload: unknown): Uint8Array {
  const body = new Packr({ useRecords: false }).pack(payload);
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + body.length);
  bytes.set(body, RECORD_HEADER_BYTES);
  sealRecord(bytes);
  return bytes;
}

describe("log entries", () => {
  test("come back as they were encoded, one record after another", () => {
    const entries = drafts.map((draft, count) =>
      encodeEntry(draft, { ...place, index: logIndex(place.index + count) }),
    );
    const bytes = Buffer.concat(entries.map((entry) => entry.record));
    const decoded = decodeEntries(new Uint8Array(bytes));
    expect(decoded).toEqual(entries);
    expect(decodeEntries(new Uint8Array(0))).toEqual([]);
  });

  test("are plain msgpack that any decoder reads", () => {
    const { record } = encodeEntry({ kind: "command", command: Uint8Array.of(9) }, place);
    const payload = new Packr().unpack(record.subarray(RECORD_HEADER_BYTES));
    expect(payload).toEqual([1, 2 ** 33, 7, 2, place.timeMs, Buffer.of(9)]);
    expect(record.length).toBe(COMMAND_OVERHEAD_BYTES + 1);
  });

  test("are refused whole when any byte is changed or missing", () => {
    for (const draft of drafts) {
      const { record } = encodeEntry(draft, place);
      for (let at = 0; at < record.length; at++) {
        const flipped = record.slice();
        flipped[at] = (flipped[at] ?? 0) ^ 0x10;
        expect(() => decodeEntry(flipped)).toThrow(MalformedError);
        expect(() => decodeEntry(record.subarray(0, at))).toThrow(MalformedError);
      }
    }
  });

  test.each([
    ["an empty map", {}],
    ["a short array", [1, 1, 1]],
    ["an integer where a float is due", [1, 1, 1, 0, 1, null]],
    ["text", "x".repeat(64)],
  ])("a sealed record holding %s is refused", (_, payload) => {
    expect(() => decodeEntry(record(payload))).toThrow(MalformedError);
  });

  test.each([
    ["no voters", []],
    ["voters that are no array", [7]],
    ["a member that is no array", [[{ id: 1 }]]],
    ["an id of zero", [[[0, "a", null]]]],
    ["an id that is text", [[["1", "a", null]]]],
    ["a missing address", [[[1]]]],
    ["a disk id that is a number", [[[1, "a", 5]]]],
    [
      "one member twice",
      [
        [
          [1, "a", null],
          [1, "b", null],
        ],
      ],
    ],
  ])("a configuration with %s is refused", (_, wire) => {
    const model = encodeEntry({ kind: "configuration", configuration: foundedBy([]) }, place);
    const body = new Packr({ useRecords: false }).pack(wire);
    const head = model.record.subarray(0, model.record.length - 2);
    const bytes = new Uint8Array(head.length + body.length);
    bytes.set(head);
    bytes.set(body, head.length);
    sealRecord(bytes);
    expect(() => decodeEntry(bytes)).toThrow(MalformedError);
  });

  test("with a gap between their indexes are refused", () => {
    const first = encodeEntry({ kind: "noop" }, place);
    expect(() => decodeEntries(Buffer.concat([first.record, first.record]))).toThrow(
      MalformedError,
    );
  });
});

describe("records", () => {
  test("the checksum is CRC-32, natively and by table", () => {
    const check = new TextEncoder().encode("123456789");
    expect(crc32(check)).toBe(0xcbf43926);
    expect(crc32ByTable(check)).toBe(0xcbf43926);
    const tail = crc32(check.subarray(4), crc32(check.subarray(0, 4)));
    expect(tail).toBe(0xcbf43926);
    expect(crc32ByTable(check.subarray(4), crc32(check.subarray(0, 4)))).toBe(tail);
    expect(crc32ByTable(new Uint8Array(0))).toBe(crc32(new Uint8Array(0)));
  });

  test("a reader tells a whole record from zeros, a cut and damage", () => {
    const whole = encodeEntry({ kind: "noop" }, place).record;
    const padded = new Uint8Array(whole.length + 20);
    padded.set(whole);
    const reader = new RecordReader(padded);
    expect(reader.check(0)).toBe("intact");
    expect(reader.end(0)).toBe(whole.length);
    expect(reader.check(whole.length)).toBe("absent");
    expect(reader.check(padded.length - 3)).toBe("absent");
    expect(reader.check(padded.length)).toBe("absent");
    expect(new RecordReader(whole.subarray(0, 20)).check(0)).toBe("cut");
    expect(new RecordReader(whole.subarray(0, 5)).check(0)).toBe("cut");
    const hugeClaim = whole.slice();
    hugeClaim[0] = 0x7f;
    expect(new RecordReader(hugeClaim).check(0)).toBe("damaged");
    const flipped = whole.slice();
    flipped[20] = 1;
    expect(new RecordReader(flipped).check(0)).toBe("damaged");
  });
});
