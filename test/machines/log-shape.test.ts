/** The log's shape against the obvious: an array of terms and sizes. */
import { describe, expect, test } from "bun:test";
import {
  appendRun,
  bytesBetween,
  compact,
  emptyLogShape,
  firstIndexOfTerm,
  type LogShape,
  lastIndexUpToTerm,
  lastIndexWithin,
  SIZE_MARK_SPACING_BYTES,
  shapeBehind,
  termAt,
  truncateFrom,
} from "../../src/machines/log-shape";
import { logIndex, term } from "../../src/types";
import { type SeededRandom, seededRandom } from "../seeded-random";

interface NaiveEntry {
  readonly term: number;
  readonly bytes: number;
}
/** Entry i of the log is `entries[i - 1]`. */
class NaiveLog {
  entries: NaiveEntry[] = [];
  baseIndex = 0;
  get lastTerm(): number {
    return this.entries.at(-1)?.term ?? 0;
  }
  termAt(index: number): number | null {
    if (index < this.baseIndex) return null;
    return index === 0 ? 0 : (this.entries[index - 1]?.term ?? null);
  }
  bytesBetween(first: number, last: number): number {
    return this.entries.slice(first - 1, last).reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

/** A size mark may lie this far before the index asked for, with one entry on top. */
const slackOf = (largestEntry: number) => SIZE_MARK_SPACING_BYTES + largestEntry;

function expectSame(shape: LogShape, naive: NaiveLog): void {
  const { length } = naive.entries;
  expect(shape.lastIndex as number).toBe(length);
  expect(shape.lastTerm as number).toBe(naive.lastTerm);
  for (let index = 0; index <= length + 1; index++) {
    expect(termAt(shape, logIndex(index)) as number | null).toBe(naive.termAt(index));
  }
  for (let of = 1; of <= naive.lastTerm + 1; of++) {
    const isHeld = naive.entries.findLastIndex((entry) => entry.term === of) + 1 >= naive.baseIndex;
    const first = naive.entries.findIndex((entry) => entry.term === of) + 1;
    expect((firstIndexOfTerm(shape, term(of)) as number | null) ?? 0).toBe(isHeld ? first : 0);
    if (of < shape.baseTerm) continue;
    const upTo = naive.entries.findLastIndex((entry) => entry.term <= of) + 1;
    expect(lastIndexUpToTerm(shape, term(of)) as number).toBe(upTo);
  }
}

function expectSizes(shape: LogShape, naive: NaiveLog, { below }: SeededRandom): void {
  const { length } = naive.entries;
  if (length === naive.baseIndex) return;
  const slack = slackOf(Math.max(...naive.entries.map(({ bytes }) => bytes)));
  for (let round = 0; round < 8; round++) {
    const first = naive.baseIndex + 1 + below(length - naive.baseIndex);
    const last = first + below(length - first + 1);
    const bytes = bytesBetween(shape, logIndex(first), logIndex(last));
    expect(bytes).toBeGreaterThanOrEqual(0);
    expect(Math.abs(bytes - naive.bytesBetween(first, last))).toBeLessThanOrEqual(slack);

    const bytesMax = below(4 * slack);
    const reached = lastIndexWithin(shape, logIndex(first), bytesMax) as number;
    expect(reached).toBeGreaterThanOrEqual(first);
    expect(reached).toBeLessThanOrEqual(length);
    // At least one entry; beyond that never more than the limit by a mark's spacing.
    if (reached > first) {
      expect(naive.bytesBetween(first, reached)).toBeLessThanOrEqual(bytesMax + slack);
    }
  }
}

test("appending, truncating and compacting, it answers as an array of entries would", () => {
  const seeded = seededRandom("log-shape");
  const { below, pick } = seeded;
  for (let life = 0; life < 40; life++) {
    let shape = emptyLogShape;
    const naive = new NaiveLog();
    const weight = pick([10, 1_000, 40_000, 200_000]);
    for (let step = 0; step < 25; step++) {
      const held = naive.entries.length - naive.baseIndex;
      if (below(6) === 0) {
        naive.baseIndex += below(held + 1);
        shape = compact(shape, logIndex(naive.baseIndex));
      } else if (held > 0 && below(4) === 0) {
        const first = naive.baseIndex + 1 + below(held + 1);
        shape = truncateFrom(shape, logIndex(first));
        naive.entries.length = Math.min(naive.entries.length, first - 1);
      } else {
        const of = Math.max(1, naive.lastTerm + below(3));
        const byteLengths = Array.from({ length: below(6) }, () => 1 + below(weight));
        shape = appendRun(shape, { term: term(of), byteLengths });
        naive.entries.push(...byteLengths.map((bytes) => ({ term: of, bytes })));
      }
      expectSame(shape, naive);
    }
  }
});

test("bytes are exact to within a mark, and a message stays within its limit by as much", () => {
  const seeded = seededRandom("log-shape sizes");
  const { below, pick } = seeded;
  for (let life = 0; life < 60; life++) {
    let shape = emptyLogShape;
    const naive = new NaiveLog();
    const weight = pick([10, 1_000, 40_000, 1_000_000]);
    for (let step = 0; step < 10; step++) {
      const byteLengths = Array.from({ length: 1 + below(200) }, () => 1 + below(weight));
      shape = appendRun(shape, { term: term(1), byteLengths });
      naive.entries.push(...byteLengths.map((bytes) => ({ term: 1, bytes })));
    }
    naive.baseIndex = below(3) * below(naive.entries.length / 2);
    shape = compact(shape, logIndex(naive.baseIndex));
    expectSizes(shape, naive, seeded);
    expect(shape.sizeMarks.length).toBeLessThanOrEqual(
      naive.bytesBetween(1, naive.entries.length) / SIZE_MARK_SPACING_BYTES,
    );
  }
});

describe("a log shape", () => {
  const run = (of: number, count: number, bytes = 10) => ({
    term: term(of),
    byteLengths: new Array<number>(count).fill(bytes),
  });

  test("is a value: a change leaves the one before as it was", () => {
    const before = appendRun(emptyLogShape, run(1, 3, SIZE_MARK_SPACING_BYTES));
    const copy = structuredClone(before);
    truncateFrom(appendRun(before, run(2, 2)), logIndex(2));
    expect(before).toEqual(copy);
  });

  test("gets no mark for nothing, and one for each spacing", () => {
    const small = appendRun(emptyLogShape, run(1, 10));
    expect(small.sizeMarks).toEqual([]);
    expect(appendRun(small, run(1, 2, SIZE_MARK_SPACING_BYTES)).sizeMarks).toHaveLength(2);
    expect(appendRun(small, run(1, 0))).toBe(small);
  });

  test("compacted as far as before, or less, is the same", () => {
    const log = compact(appendRun(emptyLogShape, run(1, 5)), logIndex(3));
    expect(compact(log, logIndex(3))).toBe(log);
    expect(compact(log, logIndex(1))).toBe(log);
    expect(() => compact(log, logIndex(6))).toThrow("only as far as it reaches");
  });

  test("compacted, keeps one term and one mark of what is gone, and all behind", () => {
    const whole = appendRun(
      appendRun(appendRun(emptyLogShape, run(1, 3)), run(2, 4, SIZE_MARK_SPACING_BYTES)),
      run(4, 2),
    );
    const log = compact(whole, logIndex(5));
    expect(log).toMatchObject({ baseIndex: 5, baseTerm: 2, lastIndex: 9, lastTerm: 4 });
    expect(log.termStarts as readonly object[]).toEqual([
      { term: 2, firstIndex: 4 },
      { term: 4, firstIndex: 8 },
    ]);
    expect(log.sizeMarks.map(({ index }) => Number(index))).toEqual([5, 6, 7]);
    expect(bytesBetween(log, logIndex(6), logIndex(7))).toBe(2 * SIZE_MARK_SPACING_BYTES);
  });

  test("behind a snapshot is empty, and goes on from there", () => {
    const behind = shapeBehind({ lastIndex: logIndex(7), lastTerm: term(3) });
    expect(behind).toMatchObject({ baseIndex: 7, baseTerm: 3, lastIndex: 7, lastTerm: 3 });
    expect(appendRun(behind, run(3, 2))).toMatchObject({ lastIndex: 9, lastTerm: 3 });
    const none = { lastIndex: logIndex(0), lastTerm: term(0) };
    expect(shapeBehind(none)).toBe(emptyLogShape);
  });

  test("refuses a falling term and the removal of what is compacted", () => {
    expect(() => appendRun(appendRun(emptyLogShape, run(2, 1)), run(1, 1))).toThrow(
      "terms never fall along a log",
    );
    const behind = shapeBehind({ lastIndex: logIndex(5), lastTerm: term(1) });
    const compacted = appendRun(behind, run(1, 2));
    expect(() => truncateFrom(compacted, logIndex(5))).toThrow("a compacted entry is committed");
  });

  test("of a compacted log knows the term at its base and nothing before", () => {
    const behind = shapeBehind({ lastIndex: logIndex(5), lastTerm: term(2) });
    const compacted = appendRun(behind, run(2, 2));
    expect(termAt(compacted, logIndex(4))).toBeNull();
    expect(termAt(compacted, logIndex(5)) as number | null).toBe(2);
    expect(firstIndexOfTerm(compacted, term(2)) as number | null).toBe(5);
    expect(truncateFrom(compacted, logIndex(6))).toMatchObject({ lastIndex: 5, lastTerm: 2 });
  });
});
