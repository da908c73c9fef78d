/** One aim: what it is, how far it is to be reached, and how that is told from figures. */
import type { Figures } from "./figures";

export interface Target {
  readonly claim: string;
  /** In what `measured` and `limit` are told. */
  readonly unit: "times" | "entries/s" | "ms" | "elections" | "lines";
  readonly wanted: "at least" | "at most";
  readonly limit: number;
  /** A goal may be missed, with its reason told; what is none must be reached. */
  readonly isGoal: boolean;
  /** Null where the figures have too little to tell. */
  readonly measured: (figures: Figures) => number | null;
}

export type Outcome = "met" | "missed" | "not measured";

export function outcomeOf(
  { limit, wanted }: Pick<Target, "limit" | "wanted">,
  measured: number | null,
): Outcome {
  if (measured === null) return "not measured";
  return (wanted === "at least" ? measured >= limit : measured <= limit) ? "met" : "missed";
}
