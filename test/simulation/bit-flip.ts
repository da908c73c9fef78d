import type { Seeded } from "../../src/simulation/seeded";
import { drawTarget, type Plan, type Target } from "./scenario";

/** A bit that flips on the disk of a node, which is started anew. */
export interface BitFlip {
  readonly node: Target;
  /** Where within what may rot, from 0 to 1. */
  readonly place: number;
  readonly bit: number;
  readonly downMs: number;
}

export const drawBitFlip = (random: Seeded, plan: Plan): BitFlip => ({
  node: drawTarget(random, plan),
  place: random.next(),
  bit: random.whole(0, 7),
  downMs: random.whole(10, 500),
});
