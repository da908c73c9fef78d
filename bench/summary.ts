/** What many measurements come to. */
import { METRICS, type Measurement, type MetricName, type PeerName } from "./measurement";
import type { Column } from "./scenario";
import { quantile } from "./statistics";

/** Which measurements are meant. */
export interface Selection {
  readonly variant: string;
  readonly peer: PeerName;
}

/** The column's number, or null where nothing of the kind was measured. */
export function summarized(
  measurements: readonly Measurement[],
  { variant, peer }: Selection,
  column: Column,
): number | null {
  const values = measurements
    .filter((candidate) => candidate.variant === variant && candidate.peer === peer)
    .flatMap(({ metrics }) => metrics[column.metric] ?? []);
  return values.length === 0 ? null : quantile(values, column.quantile);
}

/** How many times as good ours is; null where one of the two is missing or nothing is better. */
export function advantage(
  metric: MetricName,
  ours: number | null,
  theirs: number | null,
): number | null {
  const { better } = METRICS[metric];
  if (ours === null || theirs === null || better === null) return null;
  return better === "more" ? ours / theirs : theirs / ours;
}

/** In the order in which they were first measured. */
export const variantsIn = (measurements: readonly Measurement[]): readonly string[] => [
  ...new Set(measurements.map(({ variant }) => variant)),
];
