/** Damage of any kind is noticed before anything is believed, and told in a line. */
import { describe, expect, test } from "bun:test";
import { crc32 } from "../../src/codec/crc32";
import { RECORD_HEADER_BYTES, sealRecord } from "../../src/codec/record";
import { StartupError } from "../../src/errors";
import { KvProjection } from "../../src/store/kv-projection";
import { SnapshotDamagedError } from "../../src/store/ports";
import { encodePreamble, PREAMBLE_BYTES } from "../../src/store/preamble";
import {
  BLOCK_BYTES_MAX,
  decodeBlock,
  encodeBlock,
  encodeEnd,
  encodeHead,
  ITEMS,
  SNAPSHOT_FORMAT,
} from "../../src/store/snapshot-format";
import { type ExpectedSnapshot, loadSnapshot } from "../../src/store/snapshot-loader";
import { clusterId, logIndex, term } from "../../src/types";
import { AppliedLog } from "./applied-log";
import { foldOf, snapshotOf, sourceOf } from "./snapshot-rig";

const makeProjection = () => new KvProjection();
const load = (bytes: Uint8Array, expected: ExpectedSnapshot = {}) =>
  loadSnapshot({ file: sourceOf(bytes), expected, makeProjection });

/** What the loader says of it. */
function damage(bytes: Uint8Array, expected?: ExpectedSnapshot): string {
  try {
    load(bytes, expected);
  } catch (error) {
    if (error instanceof SnapshotDamagedError) return error.message;
    throw error;
  }
  return expect.unreachable();
}

const sample = snapshotOf(foldOf(60));
const [preamble, head, ...rest] = sample.pieces as [Uint8Array, Uint8Array, ...Uint8Array[]];
const blocks = rest.slice(0, -1);

/** A file of these records that says so itself. */
function fileOf(...records: readonly Uint8Array[]): Uint8Array {
  const before = Buffer.concat([preamble, ...records]);
  return Buffer.concat([before, encodeEnd({ records: records.length, checksum: crc32(before) })]);
}

describe("a small snapshot", () => {
  test("is whole, and the same when put together here", () => {
    expect(load(sample.bytes).state.stateHash).toBe(foldOf(60).stateHash);
    expect(fileOf(head, ...blocks)).toEqual(Buffer.from(sample.bytes));
    expect(blocks.length).toBeGreaterThan(3);
  });

  test("is refused with any bit of any byte flipped", () => {
    for (let byte = 0; byte < sample.bytes.length; byte++) {
      const bytes = sample.bytes.slice();
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (byte % 8));
      expect(damage(bytes)).toMatch(/^sample: damaged at byte \d+ \(.+\)$/);
    }
  });

  test("is refused when it is cut off anywhere, or longer than it should be", () => {
    for (let length = 0; length < sample.bytes.length; length++) {
      expect(damage(sample.bytes.subarray(0, length))).toContain("sample: damaged at byte");
    }
    const longer = Buffer.concat([sample.bytes, new Uint8Array(1)]);
    expect(damage(longer)).toContain("more follows the last record");
  });

  test("is refused with any stretch of it zeroed, or written elsewhere", () => {
    for (let start = 0; start < sample.bytes.length; start += 7) {
      const zeroed = Uint8Array.from(sample.bytes);
      zeroed.fill(0, start, start + 40);
      damage(zeroed);
      const misplaced = Uint8Array.from(sample.bytes);
      misplaced.copyWithin(start, start / 2, start / 2 + 40);
      if (Buffer.compare(misplaced, sample.bytes) !== 0) damage(misplaced);
    }
  });

  test("is refused where the disk cannot read it", () => {
    const file = {
      ...sourceOf(sample.bytes),
      read: () => {
        throw new Error("EIO");
      },
    };
    expect(() => loadSnapshot({ file, expected: {}, makeProjection })).toThrow("cannot be read");
  });
});

describe("records that are whole, yet not what they should be", () => {
  test("a block that is missing, there twice or out of order", () => {
    const [first, second, ...others] = blocks as [Uint8Array, Uint8Array, ...Uint8Array[]];
    expect(damage(fileOf(head, second, ...others))).toContain("keys and speaks of");
    expect(damage(fileOf(head, first, first, second, ...others))).toContain(
      "keys are out of order",
    );
    expect(damage(fileOf(head, second, first, ...others))).toContain("keys are out of order");
    const answers = others.at(-1) as Uint8Array;
    expect(damage(fileOf(head, ...blocks, answers))).toContain("an answer is there twice");
    expect(damage(fileOf(head, answers, first))).toContain("a record is out of order");
    expect(damage(fileOf(head, ...blocks.slice(0, -1)))).toContain("answers and speaks of");
  });

  test("a head that is missing, there twice or late", () => {
    expect(damage(fileOf(...blocks))).toContain("a record is out of order");
    expect(damage(fileOf(head, head, ...blocks))).toContain("a record is out of order");
    expect(damage(fileOf())).toContain("a record is out of order");
    const unknown = head.slice();
    unknown[RECORD_HEADER_BYTES] = 9;
    sealRecord(unknown);
    expect(damage(fileOf(unknown, ...blocks))).toContain("a record is out of order");
  });

  test("a last record that does not speak of these", () => {
    const before = Buffer.concat([preamble, head, ...blocks]);
    const whole = { records: blocks.length + 1, checksum: crc32(before) };
    const endingWith = (end: typeof whole) => Buffer.concat([before, encodeEnd(end)]);
    load(endingWith(whole));
    expect(damage(endingWith({ ...whole, records: 2 }))).toContain("records, not 2");
    expect(damage(endingWith({ ...whole, checksum: 1 }))).toContain("checksum of the whole");
  });

  test("a state that is not the one the head speaks of", () => {
    const other = new KvProjection();
    const log = new AppliedLog(other);
    log.set("a", "1");
    const { head: found } = load(snapshotOf(other).bytes);
    log.lastIndex = logIndex(0);
    const same = new KvProjection();
    new AppliedLog(same).set("a", "2");
    const [, , block] = snapshotOf(same).pieces as [Uint8Array, Uint8Array, Uint8Array];
    expect(damage(fileOf(encodeHead(found), block))).toContain("hash");
  });

  test("text that is marked as ASCII and is none, which a hash of its bytes cannot tell", () => {
    const state = new KvProjection();
    new AppliedLog(state).set("é", "ü");
    const [, head, block] = snapshotOf(state).pieces as [Uint8Array, Uint8Array, Uint8Array];
    const items = decodeBlock(block.subarray(RECORD_HEADER_BYTES));
    load(fileOf(head, encodeBlock(ITEMS, items)));
    // Behind the kind of value, and behind the key's two bytes.
    for (const mark of [1, 4]) {
      const marked = items.slice();
      marked[mark] = (marked[mark] ?? 0) | 1;
      expect(damage(fileOf(head, encodeBlock(ITEMS, marked)))).toContain("marked as ASCII");
    }
  });

  test("a block that unpacks to more than it says, or says too much", () => {
    const bomb = encodeBlock(ITEMS, new Uint8Array(BLOCK_BYTES_MAX));
    expect(bomb.length).toBeLessThan(10_000);
    const lying = bomb.slice();
    const view = new DataView(lying.buffer, lying.byteOffset);
    view.setUint32(RECORD_HEADER_BYTES + 1, 100);
    sealRecord(lying);
    expect(damage(fileOf(head, lying))).toContain("cannot be decompressed");
    view.setUint32(RECORD_HEADER_BYTES + 1, BLOCK_BYTES_MAX + 1);
    sealRecord(lying);
    expect(damage(fileOf(head, lying))).toContain("a block is too long");
    const saying = (...bytes: number[]) =>
      damage(fileOf(head, encodeBlock(ITEMS, new Uint8Array(bytes))));
    expect(saying(0)).toContain("within a field");
    expect(saying(9)).toContain("unknown kind 9 of value");
  });
});

describe("a snapshot that is whole, yet another one", () => {
  const { info } = sample;
  test("of another cluster", () => {
    expect(damage(sample.bytes, { clusterId: clusterId("other") })).toContain(
      "it belongs to cluster c, not to other",
    );
  });
  test("of another entry than its name says, or of another encoding than was announced", () => {
    load(sample.bytes, info);
    expect(damage(sample.bytes, { ...info, lastIndex: logIndex(59) })).toContain(
      "ends with entry 60",
    );
    expect(damage(sample.bytes, { ...info, lastTerm: term(2) })).toContain("of term 1");
    expect(damage(sample.bytes, { ...info, checksum: 1 })).toContain("announced");
  });
  test("of a later version is no damage: it is left to the version that wrote it", () => {
    const later = encodePreamble({ ...SNAPSHOT_FORMAT, version: 2 });
    const bytes = Buffer.concat([later, sample.bytes.subarray(PREAMBLE_BYTES)]);
    expect(() => load(bytes)).toThrow(StartupError);
  });
});
