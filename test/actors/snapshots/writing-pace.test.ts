import { describe, expect, test } from "bun:test";
import { WritingPace } from "../../../src/actors/snapshots/writing-pace";

describe("the pace of a snapshot", () => {
  /** A file of 400 bytes, to be written while the log grows by 1,000. */
  const begin = ({ fileBytes = 400, logBytesMax = 6_000 } = {}) => {
    const log = { bytesWritten: 5_000 };
    const file = { byteLength: 0 };
    return { file, log, pace: new WritingPace({ log, logBytesMax, file, fileBytes }) };
  };

  test("is leisurely while nothing is logged", () => {
    expect(begin().pace.isBehind).toBe(false);
  });
  test("is behind once more of the allowance is used than of the snapshot is written", () => {
    const { file, log, pace } = begin();
    log.bytesWritten += 250;
    expect(pace.isBehind).toBe(true);
    file.byteLength = 100;
    expect(pace.isBehind).toBe(false);
    log.bytesWritten += 1;
    expect(pace.isBehind).toBe(true);
  });
  test("has the whole written when the allowance is used, and hurries if it is longer", () => {
    const { file, log, pace } = begin();
    log.bytesWritten = 6_000;
    file.byteLength = 399;
    expect(pace.isBehind).toBe(true);
    file.byteLength = 400;
    expect(pace.isBehind).toBe(false);
    log.bytesWritten = 6_001;
    expect(pace.isBehind).toBe(true);
    file.byteLength = 4_000;
    expect(pace.isBehind).toBe(true);
  });
  test("hurries all the way where nothing may be logged any more", () => {
    for (const logBytesMax of [5_000, 4_000]) {
      const { file, log, pace } = begin({ logBytesMax });
      log.bytesWritten += 1;
      for (file.byteLength = 0; file.byteLength < 400; file.byteLength += 100) {
        expect(pace.isBehind).toBe(true);
      }
    }
  });
  test("does not hurry for a state that is empty, while anything may be logged", () => {
    const { log, pace } = begin({ fileBytes: 0 });
    log.bytesWritten = 6_000;
    expect(pace.isBehind).toBe(false);
  });
});
