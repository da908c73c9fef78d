import { describe, expect, test } from "bun:test";
import { crc32 } from "../../src/codec/crc32";
import { RECORD_HEADER_BYTES } from "../../src/codec/record";
import { KvProjection } from "../../src/store/kv-projection";
import {
  ANSWERS,
  BLOCK_BYTES_MAX,
  decodeBlock,
  END_BYTES,
  ITEMS,
  readEnd,
} from "../../src/store/snapshot-format";
import { loadSnapshot, SnapshotLoader } from "../../src/store/snapshot-loader";
import { diskId, foundedBy, logIndex, nodeId } from "../../src/types";
import { randomFrom, seededRandom } from "../seeded-random";
import { AppliedLog, deleteCommand, keyIsAbsent, setCommand, text } from "./applied-log";
import { about, entryAt, foldOf, itemsOf, snapshotOf, sourceOf } from "./snapshot-rig";

const makeProjection = () => new KvProjection();
const load = (bytes: Uint8Array) =>
  loadSnapshot({ file: sourceOf(bytes), expected: {}, makeProjection });

/** The state that a snapshot of `kv` holds, which must be the same. */
function through(kv: KvProjection, blockBytes?: number): KvProjection {
  const { state } = load(snapshotOf(kv, {}, blockBytes).bytes);
  expect(state.stateHash).toBe(kv.stateHash);
  expect(itemsOf(state)).toEqual(itemsOf(kv));
  const { answerCount, appliedIndex, appliedTerm, byteLength, lastTimeMs, revision, size } = kv;
  expect(state).toMatchObject({ appliedIndex, appliedTerm, lastTimeMs, revision });
  expect(state).toMatchObject({ answerCount, byteLength, size });
  return state;
}

describe("a snapshot is loaded as the state it was taken of", () => {
  test("whatever the state and the length of its blocks, and both fold on alike", () => {
    for (const count of [0, 1, 2, 30, 200]) {
      for (const blockBytes of [1, 200, 1e6]) {
        const state = through(foldOf(count), blockBytes);
        expect(foldOf(count + 60, state).stateHash).toBe(foldOf(count + 60).stateHash);
        expect(itemsOf(state)).toEqual(itemsOf(foldOf(count + 60)));
      }
    }
  });

  test("every kind of value and key, however long", () => {
    const kv = new KvProjection();
    const log = new AppliedLog(kv);
    const keys = ["", "a", "\uFFFD", "😀", "é", "__proto__", "k".repeat(1024)];
    for (const key of keys) log.set(key, `text of ${key}`);
    log.set("json", { kind: "json", json: "null" });
    log.set("empty", "");
    log.set("bytes", { kind: "bytes", bytes: new Uint8Array([0, 255, 128]) });
    log.set("long", "€".repeat(100_000));
    log.set("long bytes", { kind: "bytes", bytes: new Uint8Array(300_000).fill(7) });
    log.set("a", "again");
    through(kv);
  });

  test("with every remembered answer: each retry is answered as before", () => {
    const kv = new KvProjection();
    const log = new AppliedLog(kv);
    const commands = [
      setCommand("a", "1", { idempotencyKey: "set" }),
      deleteCommand("a", { idempotencyKey: "deleted" }),
      deleteCommand("a", { idempotencyKey: "not deleted" }),
      setCommand("b", "1"),
      setCommand("b", "2", { idempotencyKey: "failed", condition: keyIsAbsent }),
      setCommand("ä", "€", { idempotencyKey: "schlüssel" }),
    ];
    for (const command of commands) log.command(command);
    const retries = new AppliedLog(through(kv), kv);
    retries.lastIndex = kv.appliedIndex;
    const plain = new AppliedLog(foldOf(0));
    for (const command of commands) plain.command(command);
    for (const command of commands) {
      if (command.idempotencyKey === null) continue;
      expect(retries.command(command).index).toBeLessThanOrEqual(commands.length);
    }
    const other = setCommand("a", "other", { idempotencyKey: "set" });
    expect(retries.command(other).kind).toBe("idempotencyMismatch");
  });

  test("as do random histories", () => {
    const { below } = seededRandom("snapshot codec");
    for (let round = 0; round < 10; round++) {
      const kv = new KvProjection();
      const log = new AppliedLog(kv);
      for (let count = below(150); count > 0; count--) {
        log.timeMs += below(5);
        const key = String.fromCodePoint(below(0xd800), 0x10000 + below(0x1000));
        log.set(key, "x".repeat(below(300)), { idempotencyKey: `${below(20)}` });
      }
      through(kv, 1 + below(2000));
    }
  });
});

describe("a snapshot's file", () => {
  test("says what it is a snapshot of", () => {
    const member = { id: nodeId(7), peerAddress: "h:1", diskId: diskId("disk") };
    const configuration = { index: logIndex(3), configuration: foundedBy([member]) };
    const kv = foldOf(20);
    const { head } = load(snapshotOf(kv, { configuration }).bytes);
    const { answerCount, keyCount, stateHash, timeMs } = kv.cut();
    expect(head).toEqual({
      ...about,
      configuration,
      ...{ answerCount, keyCount, stateHash, timeMs },
      lastIndex: kv.appliedIndex,
      lastTerm: kv.appliedTerm,
      revision: kv.revision,
    });
  });

  test("is called by what its last record repeats", () => {
    const { bytes, info } = snapshotOf(foldOf(20));
    const end = readEnd(bytes.subarray(-END_BYTES));
    expect(end?.checksum).toBe(info.checksum);
    expect(info).toMatchObject({ lastIndex: 20, lastTerm: 1, byteLength: bytes.length });
    expect(crc32(bytes.subarray(0, -END_BYTES))).toBe(info.checksum);
    expect(loadSnapshot({ file: sourceOf(bytes), expected: {}, makeProjection }).info).toEqual(
      info,
    );
  });

  test("is the same bytes on every node", () => {
    const loaded = load(snapshotOf(foldOf(40)).bytes).state;
    expect(snapshotOf(loaded).bytes).toEqual(snapshotOf(foldOf(40)).bytes);
  });

  test("is written in pieces of about a block, and read in as many", () => {
    const kv = new KvProjection();
    const log = new AppliedLog(kv);
    const random = new Uint8Array(100);
    for (let key = 0; key < 1000; key++) {
      crypto.getRandomValues(random);
      log.set(`${key}`, { kind: "bytes", bytes: random.slice() });
    }
    const { bytes, pieces } = snapshotOf(kv, {}, 4096);
    expect(pieces.length).toBeGreaterThan(25);
    for (const piece of pieces) expect(piece.length).toBeLessThan(4096 + 250);
    const loader = new SnapshotLoader({ file: sourceOf(bytes), expected: {}, makeProjection });
    let steps = 1;
    while (loader.step() === null) steps++;
    // The preamble comes with the first record.
    expect(steps).toBe(pieces.length - 1);
  });

  test("has room in a block for the longest value there is", () => {
    expect(BLOCK_BYTES_MAX).toBeGreaterThan(9 * 1024 * 1024);
    const kv = new KvProjection();
    const bytes = crypto.getRandomValues(Buffer.alloc(60_000));
    const big = Buffer.concat(new Array(140).fill(bytes));
    new AppliedLog(kv).set("big", { kind: "bytes", bytes: new Uint8Array(big) });
    through(kv);
  });
});

/** What the blocks of a snapshot hold, whatever the compression makes of it. */
const blocksOf = (kv: KvProjection, blockBytes: number) =>
  snapshotOf(kv, {}, blockBytes).pieces.flatMap((piece) => {
    const payload = piece.subarray(RECORD_HEADER_BYTES);
    return payload[0] === ITEMS || payload[0] === ANSWERS ? [decodeBlock(payload)] : [];
  });

describe("the blocks of a state are the same bytes for ever", () => {
  /** Short texts in long rows, with what is not ASCII, long or no text here and there. */
  function variedState(): KvProjection {
    const { below, pick } = randomFrom(1);
    const kv = foldOf(100);
    const log = new AppliedLog(kv);
    log.lastIndex = kv.appliedIndex;
    for (let count = 0; count < 3_000; count++) {
      const length = below(count % 50 === 0 ? 3_000 : 300);
      const value =
        count % 97 === 0
          ? { kind: "bytes" as const, bytes: new Uint8Array(length).fill(count) }
          : text((count % 89 === 0 ? pick(["é", "€", "😀"]) : "x").repeat(length));
      const retry = count % 7 === 0 ? { idempotencyKey: `${pick(["", "ü"])}${count}` } : {};
      log.set(`${pick(["", "é"])}${below(2_000)}`, value, retry);
    }
    log.set("long", "x".repeat(200_000));
    return kv;
  }

  test.each([
    [1, 2_577],
    [4_096, 100],
    [65_536, 9],
  ])("%d bytes at a time", (blockBytes, count) => {
    const blocks = blocksOf(variedState(), blockBytes);
    expect(blocks.length).toBe(count);
    // Of what the first encoder of this version made of the same state.
    expect(crc32(Buffer.concat(blocks))).toBe(1_714_979_662);
  });
});

test("a snapshot of entries is the fold of entries", () => {
  const { state } = load(snapshotOf(foldOf(9)).bytes);
  expect(state.apply(entryAt(10))).toEqual(foldOf(9).apply(entryAt(10)));
});
