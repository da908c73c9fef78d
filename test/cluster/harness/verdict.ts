/** The end of every story under load: what the clients saw must have one explanation. */
import { expect } from "bun:test";
import { checkLinearizability } from "../../../src/simulation/linearizability";
import type { LoadHistory } from "./history";

/** A load that hardly got through proves nothing. */
const WRITES_MIN = 100;

/** Fails where no order of the operations explains what the clients saw, or none could be found. */
export function expectSound(history: LoadHistory): void {
  const startMs = performance.now();
  const verdict = checkLinearizability(history.operations);
  const tookMs = Math.round(performance.now() - startMs);
  console.log(`${history.summary()}; ${verdict.kind} in ${verdict.steps} steps, ${tookMs} ms`);
  if (verdict.kind === "violation") throw new Error(verdict.explanation);
  expect(verdict.kind).toBe("linearizable");
  expect(history.written).toBeGreaterThan(WRITES_MIN);
}
