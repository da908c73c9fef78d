/** The end of every story under load: what the clients saw must have one explanation. */
import { expect } from "bun:test";
import { type History, revisionContradictions } from "./history";

/** A load that hardly got through proves nothing. */
const WRITES_MIN = 100;

/** Fails where no order of the operations explains what the clients saw. */
export function expectSound(history: History): void {
  console.log(`history: ${history.summary()}`);
  expect(history.count("written")).toBeGreaterThan(WRITES_MIN);
  expect(revisionContradictions(history)).toEqual([]);
}
