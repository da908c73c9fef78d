/** When a node's next snapshot is due: by entries, by bytes of log, by time. */
import { describe, expect, test } from "bun:test";
import {
  dueBytes,
  dueIndexAfter,
  entriesBetween,
  writingBytes,
} from "../../src/machines/compaction-due";
import { logIndex } from "../../src/types";
import { seededRandom } from "../seeded-random";
import { begins, finish, start, taken } from "./compaction-driver";

describe("when one is due", () => {
  test("by applied entries, from the last one on", () => {
    const compaction = start({ lastSnapshot: taken(400) });
    expect(compaction.apply(499)).toEqual([]);
    expect(compaction.apply(500)).toEqual([...begins]);
  });

  test("of a large state by as many entries as it has parts, or nearly twice as many", () => {
    for (const parts of [0, 1, 99, 100]) expect(entriesBetween(100, parts)).toBe(100);
    for (const parts of [101, 200]) expect(entriesBetween(100, parts)).toBe(200);
    for (const parts of [201, 400]) expect(entriesBetween(100, parts)).toBe(400);
    for (let parts = 200; parts < 5_000_000; parts = Math.ceil(parts * 1.1)) {
      const spacing = entriesBetween(100, parts);
      expect(spacing).toBeGreaterThanOrEqual(parts);
      expect(spacing).toBeLessThan(parts * 2);
    }
    const compaction = start();
    // The first is due as asked for, however many keys came in.
    compaction.apply(100);
    finish(compaction, 100, { parts: 150 });
    expect(compaction.apply(199)).toEqual([]);
    expect(compaction.apply(200)).toEqual([...begins]);
    finish(compaction, 200, { parts: 150 });
    expect(compaction.apply(399)).toEqual([]);
    expect(compaction.apply(400)).toEqual([...begins]);
    // It is as it was once the state is small again.
    finish(compaction, 400, { parts: 9 });
    expect(compaction.apply(500)).toEqual([...begins]);
  });

  test.each([10_000, 150_000, 1_000_000, 5_000_000])(
    "with %d keys, snapshots write one for each entry at most, two while the keys come in",
    (keys) => {
      const entries = 20_000_000;
      for (const rank of [0, 1, 2]) {
        let index = 0;
        let parts = 0;
        const takeUpTo = (end: number) => {
          let written = 0;
          while (index < end) {
            const spacing = entriesBetween(100_000, parts);
            index = dueIndexAfter(logIndex(index), spacing, { rank, of: 3 });
            parts = Math.min(index, keys);
            written += parts;
            // Nodes keep apart.
            expect(index % spacing).toBe(Math.floor((rank * spacing) / 3));
          }
          return written;
        };
        expect(takeUpTo(keys) / index).toBeLessThanOrEqual(2);
        const filledIndex = index;
        // The last wait may be half as long, as a node finds its place.
        const written = takeUpTo(filledIndex + entries) - keys / 2;
        expect(written / (index - filledIndex)).toBeLessThanOrEqual(1);
      }
    },
  );

  test("of a large state after a restart, and of one that the leader sent", () => {
    const restarted = start({ lastSnapshot: taken(1_000, { parts: 200 }) });
    expect(restarted.apply(1_199)).toEqual([]);
    expect(restarted.apply(1_200)).toEqual([...begins]);
    const installed = start();
    installed.install(1_000, { parts: 200 });
    expect(installed.apply(1_199)).toEqual([]);
    expect(installed.apply(1_200)).toEqual([...begins]);
  });

  test("each node at its own place, half a spacing to one and a half away", () => {
    const seeded = seededRandom("compaction places");
    for (let round = 0; round < 2_000; round++) {
      const of = 1 + seeded.below(7);
      const phase = { of, rank: seeded.below(of) };
      const spacing = 1 + seeded.below(seeded.pick([3, 100, 100_000]));
      const last = seeded.below(1_000_000);
      const distance = dueIndexAfter(logIndex(last), spacing, phase) - last;
      expect(distance).toBeGreaterThanOrEqual(Math.max(1, spacing / 2));
      expect(distance).toBeLessThan(Math.max(2, 1.5 * spacing));
      // From then on it keeps its place.
      const due = last + distance;
      expect(dueIndexAfter(logIndex(due), spacing, phase) - due).toBe(spacing);
    }
  });

  test("the nodes of a cluster spread evenly over a spacing", () => {
    const places = [0, 1, 2].map((rank) => dueIndexAfter(logIndex(1_000), 300, { rank, of: 3 }));
    expect(places.map((place) => (place % 300) as number).sort((a, b) => a - b)).toEqual([
      0, 100, 200,
    ]);
  });

  test("by bytes of log: a minimum and a quarter of the state, or of a longer snapshot", () => {
    expect(dueBytes(1_000, { bytes: 500, stateBytes: 500 })).toBe(1_125);
    const compaction = start();
    expect(compaction.apply(1, 999)).toEqual([]);
    expect(compaction.apply(2, 1_000)).toEqual([...begins]);
    compaction.apply(3, 1_100);
    finish(compaction, 2, { bytes: 500 });
    // Counted from where it began.
    expect(compaction.apply(4, 2_124)).toEqual([]);
    expect(compaction.apply(5, 2_125)).toEqual([...begins]);
  });

  test("by bytes too the nodes keep apart: the first wait is shorter by rank", () => {
    const compaction = start({ phase: { rank: 1, of: 2 } });
    expect(compaction.apply(1, 499)).toEqual([]);
    expect(compaction.apply(2, 500)).toEqual([...begins]);
    finish(compaction, 2, { bytes: 0 });
    expect(compaction.apply(3, 1_499)).toEqual([]);
    expect(compaction.apply(4, 1_500)).toEqual([...begins]);
  });

  test("what compression saved may be logged as well", () => {
    const compaction = start();
    compaction.apply(1, 1_000);
    finish(compaction, 1, { bytes: 100, stateBytes: 700 });
    expect(compaction.apply(2, 2_774)).toEqual([]);
    expect(compaction.apply(3, 2_775)).toEqual([...begins]);
  });

  test("a directory within four times the live data, however well that is compressed", () => {
    const live = 1_000_000;
    for (let bytes = 0; bytes <= live; bytes += live / 10) {
      const snapshots = 3 * bytes;
      // The last of the three is written while the third stretch of log is.
      const log = 3 * dueBytes(0, { bytes, stateBytes: live });
      expect(snapshots + log).toBeLessThanOrEqual(3.75 * live);
    }
    // Of tiny values a file is longer than they are.
    expect(dueBytes(0, { bytes: 400, stateBytes: 100 })).toBe(100);
  });

  test("the log that was recovered behind the last snapshot counts as well", () => {
    const lastSnapshot = taken(7, { bytes: 400 });
    const restarted = start({ lastSnapshot, recoveredLogBytes: 1_000 });
    expect(restarted.apply(8, 99)).toEqual([]);
    expect(restarted.apply(9, 100)).toEqual([...begins]);
    // It is the node's own place among the others, if it is later than the one by rank.
    const phase = { rank: 1, of: 2 };
    const early = start({ lastSnapshot, phase, recoveredLogBytes: 549 });
    expect(early.apply(8, 549)).toEqual([]);
    expect(early.apply(9, 550)).toEqual([...begins]);
    const late = start({ lastSnapshot, phase, recoveredLogBytes: 551 });
    expect(late.apply(8, 548)).toEqual([]);
    expect(late.apply(9, 549)).toEqual([...begins]);
  });

  test("it is to be written before three quarters of that are logged since the log's turn", () => {
    expect(writingBytes(1_000)).toBe(750);
    const compaction = start();
    compaction.apply(1, 1_000);
    expect(compaction.asked.logBytesMax).toBe(1_750);
    compaction.apply(2, 1_700);
    finish(compaction, 1, { bytes: 400 });
    expect(compaction.apply(3, 2_100, 5)).toEqual(["rollLog"]);
    // What is logged until the cut is one with the log that turned counts, too.
    expect(compaction.apply(5, 2_600, 8)).toEqual(["beginSnapshot", "writeSnapshot"]);
    expect(compaction.asked.logBytesMax).toBe(2_100 + 825);
    expect(compaction.asked.last).toEqual(taken(1, { bytes: 400 }));
  });

  test.each([1, 0.5, 0.1])("a directory that keeps to it: files of %d times the state", (share) => {
    const seeded = seededRandom(`compaction directory ${share}`);
    const minimum = 1_000;
    const compaction = start({ snapshotEntries: 1e9, snapshotBytesMin: minimum });
    const kept = [{ at: 0, bytes: 0, stateBytes: 0 }];
    let logged = 0;
    let state = 0;
    let fullest = 0;
    for (let index = 1; index <= 20_000; index++) {
      const entry = 1 + seeded.below(20);
      logged += entry;
      // It grows at first, and then values take the place of others.
      if (index < 5_000) state += entry;
      if (compaction.apply(index, logged).includes("beginSnapshot")) {
        kept.push({ at: logged, bytes: Math.floor(state * share), stateBytes: state });
      }
      const files = kept.reduce((sum, { bytes }) => sum + bytes, 0);
      const directory = files + logged - (kept[0]?.at ?? 0);
      // An entry is logged before anybody can do anything about it: as one ends, and one begins.
      expect(directory).toBeLessThanOrEqual(3.75 * state + 3 * (minimum + 2 * 20));
      if (index > 5_000) fullest = Math.max(fullest, directory / (3.75 * state + 3 * minimum));
      const last = kept.at(-1);
      if (compaction.state === "idle" || !last) continue;
      // Written as late as it may be, and its sync takes what is left.
      if (logged < last.at + ((compaction.asked.logBytesMax - last.at) * 4) / 3) continue;
      finish(compaction, index, last);
      if (kept.length > 2) kept.shift();
    }
    expect(fullest).toBeGreaterThan(0.85);
  });

  test("never for bytes of which nothing is applied", () => {
    expect(start().apply(0, 5_000)).toEqual([]);
  });

  test("by time, where anything was applied", () => {
    const compaction = start();
    expect(compaction.elapse(60_000)).toEqual([]);
    compaction.apply(1);
    expect(compaction.elapse(59_999)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
    finish(compaction, 1);
    expect(compaction.elapse(180_000)).toEqual([]);
  });

  test("by time too the nodes keep apart", () => {
    const compaction = start({ phase: { rank: 1, of: 2 } });
    compaction.apply(1);
    expect(compaction.elapse(44_999)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
    finish(compaction, 1);
    compaction.apply(2);
    expect(compaction.elapse(59_999)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
    // With nothing to do it keeps its pace as well.
    const idle = start({ phase: { rank: 1, of: 2 } });
    idle.elapse(45_000);
    idle.apply(1);
    expect(idle.elapse(59_999)).toEqual([]);
    expect(idle.elapse(1)).toEqual([...begins]);
  });

  test("an interval longer than any timer waits as long as a timer can", () => {
    const compaction = start({ intervalMs: 2 ** 40 });
    compaction.apply(1);
    expect(compaction.elapse(2 ** 31 - 2)).toEqual([]);
    expect(compaction.elapse(1)).toEqual([...begins]);
  });
});
