import { describe, expect, test } from "bun:test";
import { defaultLimits } from "../../../src/actors/limits";
import { unwatched } from "../../../src/actors/machine-watch";
import { bytesBehindSnapshot, Compaction } from "../../../src/actors/snapshots/compaction";
import type { KvSnapshots } from "../../../src/actors/snapshots/kv-snapshots";
import { TURN_MS_MAX } from "../../../src/actors/snapshots/writing-pace";
import { dueIndexAfter, entriesBetween } from "../../../src/machines/compaction-due";
import type { LogStore, SnapshotWriting } from "../../../src/store/ports";
import { logIndex, type SnapshotInfo, term } from "../../../src/types";
import { about, foldOf } from "../../store/snapshot-rig";
import { VirtualClock } from "../links/virtual-clock";

const infoOf = (lastIndex: number): SnapshotInfo => ({
  lastIndex: logIndex(lastIndex),
  lastTerm: term(1),
  byteLength: 100,
  checksum: lastIndex,
});

/** Of three slices, each snapshot; what was done to which of them, in order. */
function compacting({ entries = 10, snapshotEntries = 1000 } = {}) {
  const clock = new VirtualClock();
  const projection = foldOf(entries);
  const told: string[] = [];
  let published: readonly SnapshotInfo[] = [];
  let begun = 0;
  const write = (): SnapshotWriting => {
    const name = `snapshot ${++begun}`;
    const { appliedIndex } = projection;
    let slices = 0;
    return {
      byteLength: 100,
      writeSlice: () => {
        told.push(`${name}: slice ${++slices}`);
        return slices === 3;
      },
      sync: (done) => clock.setTimeout(done, 1),
      publish: () => {
        told.push(`${name}: published`);
        published = [infoOf(appliedIndex), ...published];
        return infoOf(appliedIndex);
      },
      abandon: () => told.push(`${name}: abandoned`),
    };
  };
  const snapshots = { write, isNeeded: () => false } as unknown as KvSnapshots;
  Object.defineProperty(snapshots, "published", { get: () => published });
  const log = {
    roll: (): unknown => null,
    bytesWritten: 0,
    lastIndex: logIndex(10),
    durableIndex: logIndex(100),
  };
  const compaction = new Compaction({
    clock,
    limits: defaultLimits,
    log: log as unknown as LogStore,
    logger: () => {},
    projection,
    snapshots,
    settings: { snapshotIntervalMs: 60_000, snapshotEntries },
    phase: { rank: 0, of: 1 },
    recoveredLogBytes: 0,
    watch: unwatched,
    configurationAt: () => about.configuration,
    onPublished: ({ lastIndex }, baseIndex) => told.push(`log: ${baseIndex} of ${lastIndex}`),
  });
  compaction.start();
  compaction.onApplied(projection.appliedIndex);
  return { clock, compaction, log, projection, told };
}

describe("compaction", () => {
  test("writes a snapshot slice by slice, publishes it and lets the log be cut", () => {
    const { clock, compaction, told } = compacting();
    compaction.request((end) => told.push(`asker: ${"lastIndex" in end ? end.lastIndex : end}`));
    expect(told).toEqual([]);
    clock.advance(10);
    expect(told).toEqual([
      "snapshot 1: slice 1",
      "snapshot 1: slice 2",
      "snapshot 1: slice 3",
      "snapshot 1: published",
      "log: 0 of 10",
      "asker: 10",
    ]);
  });

  test("tells all who asked when the node stops", () => {
    const { clock, compaction, told } = compacting();
    for (const asker of [1, 2]) {
      compaction.request((end) => told.push(`asker ${asker}: ${"code" in end && end.code}`));
    }
    compaction.stop();
    clock.advance(10);
    expect(told).toEqual([
      "snapshot 1: abandoned",
      "asker 1: shutting_down",
      "asker 2: shutting_down",
    ]);
  });

  test("begins anew after one that was overtaken, whose slices are due to nobody", () => {
    const { clock, compaction, projection, told } = compacting();
    compaction.request(() => {});
    // The leader's comes in while the first slice is due, and a client asks again at once.
    projection.adopt(foldOf(20));
    compaction.onInstalled(infoOf(20), projection);
    projection.adopt(foldOf(30));
    compaction.onApplied(projection.appliedIndex);
    compaction.request(() => {});
    clock.advance(10);
    expect(told).toEqual([
      "snapshot 1: abandoned",
      "snapshot 2: slice 1",
      "snapshot 2: slice 2",
      "snapshot 2: slice 3",
      "snapshot 2: published",
      "log: 0 of 30",
    ]);
  });

  test("counts the keys and answers of a snapshot before it takes the next one", () => {
    const { clock, compaction, projection, told } = compacting({ entries: 40, snapshotEntries: 2 });
    const parts = projection.size + projection.answerCount;
    clock.advance(10);
    const taken = told.length;
    expect(told.at(-1)).toBe("log: 0 of 40");
    const spacing = entriesBetween(2, parts);
    expect(spacing).toBeGreaterThan(2);
    const dueIndex = dueIndexAfter(logIndex(40), spacing, { rank: 0, of: 1 });
    for (let entries = 41; entries <= dueIndex; entries++) {
      expect(told.length).toBe(taken);
      compaction.onApplied(foldOf(entries, projection).appliedIndex);
      clock.advance(10);
    }
    expect(told.at(-1)).toBe(`log: 40 of ${dueIndex}`);
  });

  test("the next one begins where the log ends by then, not where it ended when last told", () => {
    const { clock, compaction, log, projection, told } = compacting();
    compaction.request(() => {});
    log.roll = () => told.push(`log: turned at ${log.lastIndex}`);
    log.bytesWritten += defaultLimits.snapshotLogBytesMax;
    projection.adopt(foldOf(12));
    log.lastIndex = logIndex(12);
    compaction.onApplied(projection.appliedIndex);
    // Appended, and not applied yet, when the next one is due.
    log.lastIndex = logIndex(14);
    clock.advance(10);
    expect(told.slice(-2)).toEqual(["log: 0 of 10", "log: turned at 14"]);
    projection.adopt(foldOf(13));
    compaction.onApplied(projection.appliedIndex);
    clock.advance(10);
    expect(told.at(-1)).toBe("log: turned at 14");
    projection.adopt(foldOf(14));
    compaction.onApplied(projection.appliedIndex);
    clock.advance(10);
    expect(told.at(-1)).toBe("log: 10 of 14");
  });

  test("a turn of the loop ends when its time is up, however far the log has come", () => {
    const { clock, compaction, log, told } = compacting();
    const sliceMs = TURN_MS_MAX / 2 + 1;
    clock.nowMs = () => told.length * sliceMs;
    clock.defer = () => told.push("the next turn");
    compaction.request(() => {});
    log.bytesWritten += defaultLimits.snapshotLogBytesMax;
    clock.advance(1);
    expect(told).toEqual(["snapshot 1: slice 1", "snapshot 1: slice 2", "the next turn"]);
  });

  test("what a recovered log holds behind the newest snapshot", () => {
    const entries = [3, 4, 5, 6].map((index) => ({
      index: logIndex(index),
      term: term(1),
      kind: "command" as const,
      byteLength: 10 ** (index - 3),
      configuration: null,
    }));
    const { configuration } = about;
    const snapshot = { info: infoOf(4), configuration, timeMs: 0 };
    expect(bytesBehindSnapshot({ entries, snapshot })).toBe(1_100);
    expect(bytesBehindSnapshot({ entries, snapshot: null })).toBe(1_111);
    expect(bytesBehindSnapshot({ entries: [], snapshot })).toBe(0);
  });
});
