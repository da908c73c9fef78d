import { describe, expect, test } from "bun:test";
import { Applier } from "../../src/actors/applier";
import { defaultLimits, type NodeLimits } from "../../src/actors/limits";
import { encodeCommand } from "../../src/codec/commands";
import { encodeEntry } from "../../src/codec/entries";
import { KvProjection } from "../../src/store/kv-projection";
import { indexPlus, type LogIndex, logIndex, term } from "../../src/types";
import { VirtualClock } from "./links/virtual-clock";

const command = encodeCommand({
  op: "set",
  key: "key",
  value: { kind: "text", text: "value" },
  condition: null,
  idempotencyKey: null,
});

const entryAt = (index: LogIndex, brokenIndex: number) => {
  const bytes = index === brokenIndex ? command.subarray(1) : command;
  const draft =
    index === 1 ? ({ kind: "noop" } as const) : ({ kind: "command", command: bytes } as const);
  return encodeEntry(draft, { index, term: term(1), timeMs: 0 });
};

/** An applier over a log without end, and what it told in order. */
function applying(limits: Partial<NodeLimits> = {}, entriesPerRead = 100, brokenIndex = 0) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const projection = new KvProjection();
  const applier = new Applier({
    clock,
    limits: { ...defaultLimits, ...limits },
    log: {
      read: (first, last) => {
        const count = Math.min(entriesPerRead, last - first + 1);
        return Array.from({ length: count }, (_, offset) =>
          entryAt(indexPlus(first, offset), brokenIndex),
        );
      },
    },
    projection,
    onApplied: ({ index }, result) => told.push(`${index}: ${result?.kind ?? "nothing"}`),
    onFailure: (error) => told.push(`${error.code}: ${error.message}`),
    onAdvanced: (appliedIndex) => told.push(`advanced to ${appliedIndex}`),
  });
  return { applier, clock, projection, told };
}

describe("the applier", () => {
  test("goes on behind the state of a snapshot, and tells how far that has come", () => {
    const { applier, clock, projection, told } = applying({ applySliceEntries: 2 });
    const newer = new KvProjection();
    for (let index = 1; index <= 7; index++) newer.apply(entryAt(logIndex(index), 0));
    const { stateHash } = newer;
    applier.applyThrough(logIndex(5));
    applier.adopt(newer);
    expect(told).toEqual(["1: nothing", "2: set", "advanced to 2", "advanced to 7"]);
    expect(applier.appliedIndex).toBe(logIndex(7));
    expect(projection.stateHash).toBe(stateHash);
    // The slice that was still due finds nothing to do.
    clock.advance(1);
    applier.applyThrough(logIndex(8));
    expect(told.slice(4)).toEqual(["advanced to 7", "8: set", "advanced to 8"]);
  });

  test("folds each committed entry once, in order, and tells how far it has come", () => {
    const { applier, projection, told } = applying({}, 2);
    applier.applyThrough(logIndex(3));
    expect(told).toEqual(["1: nothing", "2: set", "3: set", "advanced to 3"]);
    expect(projection.get("key")?.version).toBe(2);
    applier.applyThrough(logIndex(2));
    applier.applyThrough(logIndex(4));
    expect(told.filter((line) => line.endsWith(": set"))).toEqual(["2: set", "3: set", "4: set"]);
    expect(applier.appliedIndex).toBe(logIndex(4));
  });

  test("lets other work have a turn after applySliceEntries", () => {
    const { applier, clock } = applying({ applySliceEntries: 10 });
    applier.applyThrough(logIndex(25));
    expect(applier.appliedIndex).toBe(logIndex(10));
    clock.defer(() => expect(applier.appliedIndex).toBe(logIndex(20)));
    clock.settle();
    expect(applier.appliedIndex).toBe(logIndex(25));
  });

  test("stands still before a committed entry that cannot be read, and says so as a fault", () => {
    const { applier, told } = applying({}, 100, 3);
    applier.applyThrough(logIndex(4));
    applier.applyThrough(logIndex(5));
    expect(told.slice(0, 2)).toEqual(["1: nothing", "2: set"]);
    expect(told.slice(2)).toEqual([expect.stringContaining("log_corrupted: committed entry 3")]);
    expect(applier.appliedIndex).toBe(logIndex(2));
  });

  test("begins no slice once it is stopped: the log may be closed by then", () => {
    const { applier, clock, told } = applying({ applySliceEntries: 2 });
    applier.applyThrough(logIndex(5));
    applier.stop();
    applier.applyThrough(logIndex(9));
    clock.settle();
    expect(told).toEqual(["1: nothing", "2: set", "advanced to 2"]);
  });

  test("applies thousands at once by default", () => {
    expect(defaultLimits.applySliceEntries).toBe(2048);
  });
});
