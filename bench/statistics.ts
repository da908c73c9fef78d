/** The little arithmetic that benchmarks need. */

/** The value below which a share `q` of the sorted values lies, interpolated. Errors: no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error("a quantile of no values");
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** The slope of the straight line that fits the points best. Errors: fewer than two places. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  if (!(spread > 0)) throw new Error("a line through fewer than two places");
  return points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
}

/** An estimate, and where it would lie 95 times in 100. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;

/**
 * The ratio of two medians with its 95 % confidence interval, by the percentile bootstrap: both
 * sides are drawn again with replacement. Source: Efron and Tibshirani, An Introduction to the
 * Bootstrap, chapter 13. `random` is uniform in [0, 1).
 */
export function ratioOfMedians(
  numerators: readonly number[],
  denominators: readonly number[],
  random: () => number,
): Interval {
  const redraw = (values: readonly number[]) =>
    values.map(() => values[Math.floor(random() * values.length)] ?? 0);
  const ratios = Array.from(
    { length: RESAMPLES },
    () => median(redraw(numerators)) / median(redraw(denominators)),
  );
  return {
    estimate: median(numerators) / median(denominators),
    low: quantile(ratios, 0.025),
    high: quantile(ratios, 0.975),
  };
}
