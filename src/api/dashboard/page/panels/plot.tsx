/** Lines over the last minutes, drawn by uPlot in the colours of the page. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { clockTime } from "../view/formats";
import { useSize } from "./use-size";

export interface Series<Row> {
  readonly title: string;
  /** A custom property of the style sheet. */
  readonly colour: string;
  readonly isFilled?: boolean;
  readonly isDashed?: boolean;
  readonly pick: (row: Row) => number | null;
}

interface PlotParts<Row> {
  readonly title: string;
  readonly unit: string;
  /** **Units**: s since the epoch. */
  readonly times: readonly number[];
  readonly rows: readonly Row[];
  readonly series: readonly Series<Row>[];
  readonly toText: (value: number | null) => string;
}

const HEIGHT = 168;
/** **Units**: s. What is shown grows with what is known, from one bound to the other. */
const SHOWN_SECONDS = { min: 60, max: 300 };
const AXIS_WIDTH = 62;
const AXIS_HEIGHT = 28;
/** An idle cluster has a scale, too. */
const TOP_MIN = 1;
const FILL_OPACITY = 0.12;

export function Plot<Row>(parts: PlotParts<Row>) {
  const { rows, series, times, title, unit, toText } = parts;
  const box = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { width } = useSize(box);
  useEffect(() => {
    if (box.current === null || probe.current === null || width === 0) return;
    const drawn = new uPlot(optionsOf(parts, width, probe.current), [[]], box.current);
    plot.current = drawn;
    const redraw = () => drawn.redraw(false);
    const lighting = new MutationObserver(redraw);
    lighting.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", redraw);
    return () => {
      lighting.disconnect();
      dark.removeEventListener("change", redraw);
      drawn.destroy();
      plot.current = null;
    };
  }, [width]);
  useEffect(() => {
    const columns = series.map(({ pick }) => rows.map(pick));
    plot.current?.setData([[...times], ...columns]);
  }, [rows, width]);
  const now = rows.at(-1);
  return (
    <figure class="plot">
      <figcaption>
        <h3>{title}</h3>
        <span class="plot-unit">{unit}</span>
        <ul class="plot-legend">
          {series.map(({ colour, isDashed, title: name, pick }) => (
            <li key={name}>
              <span
                class="plot-key"
                data-dashed={String(isDashed ?? false)}
                style={{ color: `var(${colour})` }}
              />
              {name} <b>{now === undefined ? "–" : toText(pick(now))}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      <span ref={probe} hidden />
      <div ref={box} class="plot-box" style={{ height: HEIGHT }} aria-hidden="true" />
    </figure>
  );
}

/** The colour that a custom property stands for now: the theme may have changed. */
function colourOf(probe: HTMLElement, name: string): string {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function optionsOf<Row>(
  { series, toText }: PlotParts<Row>,
  width: number,
  probe: HTMLElement,
): uPlot.Options {
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = {
    font,
    stroke: () => colourOf(probe, "--muted"),
    grid: { stroke: () => colourOf(probe, "--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 4, 0, 0],
    scales: {
      x: { range: (_plot, min, max) => [max - secondsShown(min, max), max] },
      y: { range: (_plot, _min, max) => [0, Math.max(TOP_MIN, (max ?? 0) * 1.15)] },
    },
    axes: [
      { ...axis, size: AXIS_HEIGHT, space: 80, values: (_plot, splits) => splits.map(timeOfDay) },
      { ...axis, size: AXIS_WIDTH, space: 34, values: (_plot, splits) => splits.map(toText) },
    ],
    series: [
      {},
      ...series.map(({ colour, isDashed, isFilled, title }) => ({
        label: title,
        stroke: () => colourOf(probe, colour),
        width: 1.5,
        points: { show: false },
        ...(isDashed && { dash: [3, 4] }),
        ...(isFilled && { fill: () => withOpacity(colourOf(probe, colour)) }),
      })),
    ],
  };
}

const secondsShown = (first: number, last: number): number =>
  Math.min(SHOWN_SECONDS.max, Math.max(SHOWN_SECONDS.min, last - first));

const timeOfDay = (seconds: number): string => clockTime(seconds * 1_000).slice(0, 8);

/** Computed colours are written `rgb(…)`. */
const withOpacity = (colour: string): string =>
  colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${FILL_OPACITY})`);
