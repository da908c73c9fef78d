/** What pairs of measurements, taken one right after the other, say of a ratio. */

export interface RatioEstimate {
  /** The geometric mean of the pairs' ratios. */
  readonly ratio: number;
  /** Bounds of its 95 % confidence interval. */
  readonly low: number;
  readonly high: number;
}

/** Two-sided 97.5 % points of Student's t; beyond the last the normal distribution's will do. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16];
const STUDENT_BEYOND = 2.09;

/** Of `values` to `baselines`, pair by pair. Errors: fewer than two pairs. */
export function pairedRatio(
  values: readonly number[],
  baselines: readonly number[],
): RatioEstimate {
  const logs = values.map((value, pair) => Math.log(value / (baselines[pair] ?? Number.NaN)));
  if (logs.length < 2) throw new Error("a confidence interval takes two pairs at least");
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const student = STUDENT[logs.length - 2] ?? STUDENT_BEYOND;
  const half = student * Math.sqrt(variance / logs.length);
  return { ratio: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}
