/** What the runs of one or two revisions come to. */
import { pairedRatio, type RatioEstimate } from "../paired-ratio";
import { median } from "../statistics";
import { markdownTable } from "../tables";
import type { MicroResult } from "./run";

/** Of one process. */
export interface MicroRun {
  readonly side: "base" | "present";
  readonly results: readonly MicroResult[];
}

/** One piece, on both sides. */
export interface Comparison {
  readonly name: string;
  /** Median over the runs, or null where it could not be timed. Units: ns of one operation. */
  readonly base: number | null;
  readonly present: number | null;
  /** How much longer the present one takes, round by round; null for fewer than two rounds. */
  readonly ratio: RatioEstimate | null;
  /** Why it could not be timed, where it could not. */
  readonly failure: string | null;
}

/** What failed on a side is told. The runs of each side are in the order of their rounds. */
export function compare(runs: readonly MicroRun[]): readonly Comparison[] {
  const names = new Set(runs.flatMap(({ results }) => results.map(({ name }) => name)));
  return [...names].map((name) => {
    const found = (side: MicroRun["side"]) =>
      runs
        .filter((run) => run.side === side)
        .flatMap(({ results }) => results.filter((result) => result.name === name));
    const times = (side: MicroRun["side"]) =>
      found(side).flatMap((result) => ("nanoseconds" in result ? result.nanoseconds : []));
    const [base, present] = [times("base"), times("present")];
    const failures = [...found("present"), ...found("base")].flatMap((result) =>
      "failure" in result ? result.failure : [],
    );
    return {
      name,
      base: base.length === 0 ? null : median(base),
      present: present.length === 0 ? null : median(present),
      ratio: base.length < 2 || present.length < 2 ? null : pairedRatio(present, base),
      failure: failures[0] ?? null,
    };
  });
}

const microseconds = (nanoseconds: number | null) =>
  nanoseconds === null ? "–" : `${(nanoseconds / 1000).toFixed(nanoseconds < 1e4 ? 3 : 1)} µs`;

/** Whether the interval leaves no doubt that something has changed. */
function verdict({ failure, ratio }: Comparison): string {
  if (failure !== null) return `not timed: ${failure}`;
  if (ratio === null) return "one round tells nothing";
  if (ratio.high < 1) return "faster";
  return ratio.low > 1 ? "slower" : "the same, as far as this tells";
}

/** For people; with the columns of a base only where there is one. */
export function comparisonTable(comparisons: readonly Comparison[], base: string | null): string {
  if (base === null) {
    const rows = comparisons.map(({ failure, name, present }) => [
      name,
      failure === null ? "" : `not timed: ${failure}`,
      microseconds(present),
    ]);
    return markdownTable(["piece", "", "time of one"], rows);
  }
  const rows = comparisons.map((comparison) => {
    const { ratio } = comparison;
    return [
      comparison.name,
      verdict(comparison),
      microseconds(comparison.base),
      microseconds(comparison.present),
      ratio === null ? "–" : `${ratio.ratio.toFixed(3)}×`,
      ratio === null ? "–" : `${ratio.low.toFixed(3)}–${ratio.high.toFixed(3)}`,
    ];
  });
  return markdownTable(["piece", "now", base, "now", "ratio", "95 % interval"], rows);
}
