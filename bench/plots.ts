/** Results as pictures: SVG, without a browser. */
import * as echarts from "echarts";
import {
  METRICS,
  type Measurement,
  type MetricName,
  PEER_NAMES,
  type PeerName,
} from "./measurement";
import type { Scenario } from "./scenario";
import { type Selection, summarized, variantsIn } from "./summary";
import { PEER_TITLES } from "./tables";

/** What a scenario wants drawn. */
export type Plot =
  /** Medians, a group of bars for each variant. */
  | { readonly kind: "bars"; readonly metric: MetricName }
  /** The same as points on a logarithmic axis, on which bars would have no foot. */
  | { readonly kind: "points"; readonly metric: MetricName }
  /** The share of measurements up to each value. */
  | { readonly kind: "distribution"; readonly metric: MetricName }
  /** Medians of one metric over those of another. */
  | { readonly kind: "line"; readonly metric: MetricName; readonly over: MetricName };

const WIDTH = 760;
const HEIGHT = 340;
/** Told apart without colour vision, too. */
const COLORS: Readonly<Record<PeerName, string>> = {
  balsa: "#0072b2",
  etcd: "#e69f00",
  redis: "#999999",
  floor: "#cccccc",
};

const peersIn = (measurements: readonly Measurement[]) =>
  PEER_NAMES.filter((name) => measurements.some(({ peer }) => peer === name));

const MIB = 1024 ** 2;

/** How a metric is told on an axis: its unit there, and what a value is divided by. */
function scaleOf(metric: MetricName): { readonly title: string; readonly divisor: number } {
  const { title, unit } = METRICS[metric];
  if (unit === "bytes") return { title: `${title}, MiB`, divisor: MIB };
  return { title: unit === "ms" || unit === "s" ? `${title}, ${unit}` : title, divisor: 1 };
}

const axisTitle = (metric: MetricName) => scaleOf(metric).title;

/** A median as it is drawn; "-" is the library's word for nothing. */
function drawnMedian(
  measurements: readonly Measurement[],
  selection: Selection,
  metric: MetricName,
): number | "-" {
  const value = summarized(measurements, selection, { metric, quantile: 0.5 });
  return value === null ? "-" : value / scaleOf(metric).divisor;
}

const withThousands = (value: number) =>
  value.toLocaleString("en-US", { maximumSignificantDigits: 3 });

type Drawing = Pick<echarts.EChartsOption, "series" | "xAxis" | "yAxis">;
type Drawn = Pick<Scenario, "axis" | "title">;

/** Where a name stands beside its axis. */
const axis = (name: string) =>
  ({
    name,
    nameLocation: "middle",
    nameGap: 30,
    axisLabel: { formatter: (value: string | number) => labelOf(value) },
  }) as const;

const labelOf = (value: string | number) =>
  typeof value === "number" ? withThousands(value) : value;

function byVariant(
  { axis: variants }: Drawn,
  measurements: readonly Measurement[],
  { kind, metric }: Extract<Plot, { kind: "bars" | "points" }>,
): Drawing {
  const names = variantsIn(measurements);
  const isBars = kind === "bars";
  return {
    xAxis: { ...axis(variants), type: "category", data: [...names] },
    yAxis: { ...axis(axisTitle(metric)), nameGap: 60, type: isBars ? "value" : "log" },
    series: peersIn(measurements).map((peer) => ({
      name: PEER_TITLES[peer],
      type: isBars ? "bar" : "scatter",
      itemStyle: { color: COLORS[peer] },
      label: {
        show: true,
        position: isBars ? "top" : "right",
        fontSize: 10,
        formatter: ({ value }: { value?: unknown }) =>
          typeof value === "number" ? withThousands(value) : "",
      },
      labelLayout: { hideOverlap: true },
      data: names.map((variant) => drawnMedian(measurements, { variant, peer }, metric)),
    })),
  };
}

const valuesOf = (measurements: readonly Measurement[], peer: PeerName, metric: MetricName) =>
  measurements
    .filter((measurement) => measurement.peer === peer)
    .flatMap(({ metrics }) => metrics[metric] ?? [])
    .sort((left, right) => left - right);

function distribution(measurements: readonly Measurement[], metric: MetricName): Drawing {
  return {
    xAxis: { ...axis(axisTitle(metric)), type: "value" },
    yAxis: { ...axis("share of the measurements, %"), nameGap: 40, type: "value", max: 100 },
    series: peersIn(measurements).map((peer) => {
      const values = valuesOf(measurements, peer, metric);
      const data = values.map((value, at) => [value, ((at + 1) / values.length) * 100]);
      const [least = 0] = values;
      return {
        name: PEER_TITLES[peer],
        type: "line",
        step: "end",
        symbol: "none",
        itemStyle: { color: COLORS[peer] },
        data: [[least, 0], ...data],
      };
    }),
  };
}

function line(
  measurements: readonly Measurement[],
  { metric, over }: Extract<Plot, { kind: "line" }>,
): Drawing {
  const variants = variantsIn(measurements);
  return {
    xAxis: { ...axis(axisTitle(over)), type: "value" },
    yAxis: { ...axis(axisTitle(metric)), nameGap: 50, type: "value" },
    series: peersIn(measurements).map((peer) => ({
      name: PEER_TITLES[peer],
      type: "line",
      itemStyle: { color: COLORS[peer] },
      data: variants.map((variant) =>
        [over, metric].map((name) => drawnMedian(measurements, { variant, peer }, name)),
      ),
    })),
  };
}

function drawing(scenario: Drawn, measurements: readonly Measurement[], plot: Plot): Drawing {
  switch (plot.kind) {
    case "bars":
    case "points":
      return byVariant(scenario, measurements, plot);
    case "distribution":
      return distribution(measurements, plot.metric);
    case "line":
      return line(measurements, plot);
  }
}

/** The plot as the text of an SVG file. */
export function drawn(scenario: Drawn, measurements: readonly Measurement[], plot: Plot): string {
  const options = { renderer: "svg", ssr: true, width: WIDTH, height: HEIGHT } as const;
  const chart = echarts.init(null, null, options);
  const isAlone = peersIn(measurements).length < 2;
  try {
    chart.setOption({
      animation: false,
      // A page may be dark; the writing is not.
      backgroundColor: "#ffffff",
      title: {
        text: `${scenario.title}: ${METRICS[plot.metric].title}`,
        textStyle: { fontSize: 14 },
      },
      ...(!isAlone && { legend: { right: 10, top: 4 } }),
      grid: { left: 80, right: 30, top: 50, bottom: 50 },
      ...drawing(scenario, measurements, plot),
    });
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}
