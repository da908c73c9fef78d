/** Looks numbers up in results, null where they were not measured, and compares them. */
import type { Measurement, MetricName, PeerName, Results } from "../measurement";
import { median } from "../statistics";
import { summarized, variantsIn } from "../summary";

/** Which median is meant. */
export interface Place {
  readonly scenario: string;
  /** A name, or the first or the last that was measured. */
  readonly variant: string | "first" | "last";
  /** Balsa unless told otherwise. */
  readonly peer?: PeerName;
  readonly metric: MetricName;
}

export class Figures {
  constructor(private readonly results: Results) {}

  median({ scenario, variant, peer = "balsa", metric }: Place): number | null {
    const measurements = this.#measurements(scenario);
    const variants = variantsIn(measurements);
    const named =
      variant === "first" ? variants[0] : variant === "last" ? variants.at(-1) : variant;
    if (named === undefined) return null;
    return summarized(measurements, { variant: named, peer }, { metric, quantile: 0.5 });
  }

  /** One by the other. */
  ratio(numerator: Place, denominator: Place): number | null {
    const [above, below] = [this.median(numerator), this.median(denominator)];
    return above === null || below === null || below === 0 ? null : above / below;
  }

  /** Medians of two metrics for each variant, from the smallest `x` on. */
  points(
    scenario: string,
    x: MetricName,
    y: MetricName,
  ): readonly (readonly [x: number, y: number])[] {
    const measurements = this.#measurements(scenario);
    return variantsIn(measurements)
      .flatMap((variant) => {
        const same = measurements.filter((measurement) => measurement.variant === variant);
        const values = (metric: MetricName) => same.flatMap(({ metrics }) => metrics[metric] ?? []);
        const [xs, ys] = [values(x), values(y)];
        return xs.length === 0 || ys.length === 0 ? [] : [[median(xs), median(ys)] as const];
      })
      .sort((left, right) => left[0] - right[0]);
  }

  #measurements(scenario: string): readonly Measurement[] {
    return this.results[scenario]?.measurements ?? [];
  }
}
