import { describe, expect, test } from "bun:test";
import { WritingPace } from "../../../src/actors/snapshots/writing-pace";

describe("the pace of a snapshot", () => {
  /** 1,000 bytes may be logged between two snapshots; the last one had four slices. */
  const begin = () => {
    const log = { bytesWritten: 5_000 };
    const pace = new WritingPace({ log, logBytesAllowed: 1_000, lastSlices: 4 });
    return { log, pace };
  };

  test("is leisurely while nothing is logged", () => {
    expect(begin().pace.isBehind).toBe(false);
  });
  test("is behind once more of the allowance is used than of the snapshot is written", () => {
    const { log, pace } = begin();
    log.bytesWritten += 250;
    expect(pace.isBehind).toBe(true);
    pace.slices = 1;
    expect(pace.isBehind).toBe(false);
    log.bytesWritten += 1;
    expect(pace.isBehind).toBe(true);
  });
  test("hurries with a first snapshot, of which nobody knows how long it will be", () => {
    const log = { bytesWritten: 0 };
    const pace = new WritingPace({ log, logBytesAllowed: 900, lastSlices: 0 });
    log.bytesWritten = 1;
    expect(pace.isBehind).toBe(true);
    pace.slices = 1;
    expect(pace.isBehind).toBe(false);
  });
});
