/** How numbers are written for people. */
import { METRICS, type MetricName } from "./measurement";

const MIB = 1024 ** 2;

const plain = (value: number, digits: number) =>
  value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** About three digits that say something: 0.214, 3.41, 52.7, 1,204. */
const threeDigits = (value: number) =>
  plain(value, value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0);

/** A number of a metric, with its unit where the metric's title does not say it. */
export function written(name: MetricName, value: number | null): string {
  if (value === null) return "–";
  switch (METRICS[name].unit) {
    case "perSecond":
    case "count":
      return plain(value, 0);
    case "ms":
      return `${threeDigits(value)} ms`;
    case "s":
      return `${threeDigits(value)} s`;
    case "bytes":
      return `${plain(value / MIB, 0)} MiB`;
    case "share":
      return `${plain(value * 100, 0)} %`;
  }
}

export const writtenRatio = (ratio: number | null) =>
  ratio === null ? "" : `${ratio.toFixed(2)}×`;
