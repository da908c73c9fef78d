/** The commit index that a restart remembers: never above an entry that was not committed. */
import { describe, expect, test } from "bun:test";
import { FIRST_BATCH_OFFSET } from "../../src/store/segment-head";
import { type LogEntry, logIndex, nodeId, term } from "../../src/types";
import { randomFrom, type SeededRandom } from "../seeded-random";
import { loseNothing, roomy, SEGMENT } from "./damaged-log";
import { makeEntries, StoreRig } from "./store-rig";

const recordsOf = (entries: readonly LogEntry[]) => entries.map(({ record }) => record.slice());

/** Where the second batch begins, behind five entries: its header, then records of 83 bytes. */
const SECOND = FIRST_BATCH_OFFSET + 48 + 5 * 83;
const FIRST_RECORD = SECOND + 48;
const SECOND_RECORD = FIRST_RECORD + 83;

/**
 * Five durable entries, of which two are committed; then a later leader's entries 3 and 4, both
 * committed, in place of the last three.
 */
function replaced({ isDurable }: { readonly isDurable: boolean }) {
  const rig = new StoreRig(roomy);
  rig.isDamaged = true;
  const { store } = rig.open({ onDurable: () => {} });
  const old = makeEntries(1, 5);
  store.append(old, { generation: 0, commitIndex: logIndex(2) });
  rig.clock.run();
  const later = makeEntries(3, 2);
  store.append(later, { generation: 1, commitIndex: logIndex(4) });
  if (isDurable) rig.clock.run();
  rig.disk.crash(loseNothing);
  return { rig, old, later };
}

describe("a truncating batch whose header alone survived", () => {
  const expectOld = ({ rig, old }: ReturnType<typeof replaced>) => {
    const opened = rig.open();
    expect(rig.records(opened)).toEqual(recordsOf(old));
    expect(opened.recovered.commitIndex).toBe(logIndex(2));
  };

  test("torn: what it was to replace stands, and is not committed", () => {
    const torn = replaced({ isDurable: false });
    torn.rig.disk.flipBit(SEGMENT, FIRST_RECORD + 10);
    expectOld(torn);
  });

  test.each([FIRST_RECORD, FIRST_RECORD + 3, SECOND_RECORD - 1])("cut off at byte %d", (size) => {
    const cut = replaced({ isDurable: true });
    cut.rig.disk.cut(SEGMENT, size);
    expectOld(cut);
  });

  test("is trimmed with all it said of itself", () => {
    const torn = replaced({ isDurable: false });
    torn.rig.disk.flipBit(SEGMENT, FIRST_RECORD + 10);
    torn.rig.close(torn.rig.open());
    expectOld(torn);
  });

  test("still says that what stands before it was committed", () => {
    const rig = new StoreRig(roomy);
    rig.isDamaged = true;
    const { store } = rig.open({ onDurable: () => {} });
    store.append(makeEntries(1, 5), { generation: 0, commitIndex: logIndex(2) });
    rig.clock.run();
    store.append(makeEntries(5, 1), { generation: 1, commitIndex: logIndex(5) });
    rig.disk.crash(loseNothing);
    rig.disk.flipBit(SEGMENT, FIRST_RECORD + 10);
    expect(rig.open().recovered.commitIndex).toBe(logIndex(4));
  });
});

describe("a batch that lost its second entry", () => {
  test("speaks of its first only, also once another entry stands behind that", () => {
    const { rig, later } = replaced({ isDurable: false });
    rig.disk.flipBit(SEGMENT, SECOND_RECORD + 10);
    const opened = rig.open({ onDurable: () => {} });
    expect(opened.recovered.commitIndex).toBe(logIndex(3));
    const other = makeEntries(4, 1);
    opened.store.append(other, { generation: 0, commitIndex: logIndex(3) });
    rig.close(opened);
    const again = rig.open();
    expect(rig.records(again).slice(2)).toEqual(recordsOf([...later.slice(0, 1), ...other]));
    expect(again.recovered.commitIndex).toBe(logIndex(3));
  });
});

test("a commit index heard in a term that is not durable yet is not marked", () => {
  const rig = new StoreRig(roomy);
  rig.isDamaged = true;
  const { store } = rig.open({ onDurable: () => {} });
  store.append(makeEntries(1, 2), { generation: 0, commitIndex: logIndex(1) });
  rig.clock.run();
  store.persistHardState({ term: term(5), votedFor: nodeId(2) }, () => {});
  store.append(makeEntries(3, 1), { generation: 0, commitIndex: logIndex(3) });
  // Here both reach the disk, but nobody can know.
  rig.disk.kill();
  expect(rig.open().recovered.commitIndex).toBe(logIndex(1));
});

test("and is marked by the next append once the term is durable", () => {
  const rig = new StoreRig(roomy);
  rig.isDamaged = true;
  const { store } = rig.open({ onDurable: () => {} });
  store.persistHardState({ term: term(5), votedFor: nodeId(2) }, () => {});
  store.append(makeEntries(1, 2), { generation: 0, commitIndex: logIndex(1) });
  rig.clock.run();
  store.append(makeEntries(3, 1), { generation: 0, commitIndex: logIndex(1) });
  rig.disk.kill();
  expect(rig.open().recovered).toMatchObject({ commitIndex: 1, hardState: { term: 5 } });
});

const SEEDS = 200;
const LIVES = 6;
const LENGTH = 60;

/** What leaders have committed, and entries that never will be; each index has both. */
interface World extends SeededRandom {
  readonly rig: StoreRig;
  readonly committed: readonly LogEntry[];
}

const isRecordOf = (record: Uint8Array, entry: LogEntry | undefined) =>
  entry !== undefined && Buffer.compare(record, entry.record) === 0;

/** One process: follows good and bad leaders until the power fails. */
function follow({ rig, committed, below, pick }: World): void {
  const opened = rig.open({ onDurable: () => {} });
  const { recovered, store } = opened;
  const records = rig.records(opened);
  let { commitIndex } = recovered;
  expect(records.slice(0, commitIndex)).toEqual(recordsOf(committed.slice(0, commitIndex)));
  let matched = records.findIndex((record, at) => !isRecordOf(record, committed[at]));
  if (matched === -1) matched = records.length;
  let generation = 0;
  const append = (entries: readonly LogEntry[]) => {
    if ((entries[0]?.index ?? 0) <= store.lastIndex) generation++;
    store.append(entries, { generation, commitIndex });
  };
  const works = [
    () => {
      const entries = committed.slice(matched, matched + 1 + below(4));
      if (entries.length === 0) return;
      matched += entries.length;
      commitIndex = logIndex(Math.max(commitIndex, below(matched + 1)));
      append(entries);
    },
    () => {
      const first = commitIndex + 1 + below(store.lastIndex + 1 - commitIndex);
      matched = Math.min(matched, first - 1);
      append(makeEntries(first, 1 + below(3), below(700)));
    },
    () => rig.clock.step(),
    () => store.repeatMark(),
  ];
  for (let work = 0; work < 12; work++) pick(works)();
}

test(`in ${SEEDS} random histories, only what was committed is remembered so`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomFrom(seed);
    const committed = Array.from({ length: LENGTH }, (_, at) =>
      makeEntries(at + 1, 1, random.below(900)),
    ).flat();
    const rig = new StoreRig({ ...roomy, segmentBytesMax: 2048 * (1 + random.below(4)) });
    rig.isDamaged = true;
    try {
      for (let life = 0; life < LIVES; life++) {
        follow({ ...random, rig, committed });
        rig.disk.crash(random.random);
      }
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});
