/**
 * A machine's chart as a graph to lay out. A chart has many transitions between the same two
 * states, and many that lead nowhere (what is taken and changes no state): an arrow stands for
 * all from one state to another, and what changes no state is left to the table.
 */
import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api";
import type { Chart, ChartState, ChartTransition } from "../answers";

/** All transitions from one state to another. */
export interface Arrow {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly transitions: readonly ChartTransition[];
  /** What stands beside it. */
  readonly lines: readonly ArrowLine[];
}

export interface ArrowLine {
  readonly text: string;
  /** Time passing, told by its look: "after" on every second arrow would only take room. */
  readonly isTimer: boolean;
}

/** More events on one arrow are counted. */
const LINES_MAX = 3;
const CHARACTER_WIDTH = 6.5;
export const LINE_HEIGHT = 15;
const STATE_HEIGHT = 34;
const STATE_CHARACTER_WIDTH = 7.6;
const STATE_MARGIN = 24;
export const TITLE_HEIGHT = 30;

const SPACING = {
  "elk.algorithm": "layered",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.spacing.nodeNode": "20",
  "elk.spacing.edgeNode": "12",
  "elk.spacing.edgeEdge": "9",
  "elk.spacing.edgeLabel": "3",
  "elk.layered.spacing.nodeNodeBetweenLayers": "18",
  "elk.layered.spacing.edgeNodeBetweenLayers": "10",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "7",
  // The chart's own order is that of the paper: what leads back is what is turned round.
  "elk.layered.cycleBreaking.strategy": "MODEL_ORDER",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.json.shapeCoords": "ROOT",
  "elk.json.edgeCoords": "ROOT",
} as const;

/** The arrows of a chart, in its own order. */
export function arrowsOf({ transitions }: Chart): readonly Arrow[] {
  const between = new Map<string, ChartTransition[]>();
  for (const transition of transitions) {
    if (transition.to === null) continue;
    const id = `${transition.from}>${transition.to}`;
    between.set(id, [...(between.get(id) ?? []), transition]);
  }
  return [...between].map(([id, taken]) => ({
    id,
    from: taken[0]?.from ?? "",
    to: taken[0]?.to ?? "",
    transitions: taken,
    lines: linesOf(taken),
  }));
}

function linesOf(transitions: readonly ChartTransition[]): readonly ArrowLine[] {
  const titles = [...new Set(transitions.map(eventTitle))];
  const lines = titles.map((title) => ({
    text: title.replace(TIMER, ""),
    isTimer: TIMER.test(title),
  }));
  if (lines.length <= LINES_MAX) return lines;
  const more = { text: `and ${lines.length - LINES_MAX + 1} more`, isTimer: false };
  return [...lines.slice(0, LINES_MAX - 1), more];
}

const TIMER = /^after /;

/** One without an event is taken as soon as its guard holds, which then is what tells. */
export const eventTitle = ({ event, guard }: ChartTransition): string =>
  event === "" ? `[${guard ?? "at once"}]` : event;

/** The whole chart for the layout: boxes within boxes, arrows between any two. */
export function layoutInput(chart: Chart, arrows: readonly Arrow[]): ElkNode {
  const root = chart.states.find(({ parent }) => parent === null);
  return {
    id: "chart",
    layoutOptions: { ...SPACING, "elk.direction": "RIGHT", "elk.padding": padding(4, 4) },
    children: chart.states
      .filter(({ parent }) => parent === root?.id)
      .map((top) => box(chart, top)),
    edges: arrows.filter(({ from, to }) => from !== root?.id && to !== root?.id).map(edge),
  };
}

const padding = (top: number, side: number): string =>
  `[top=${top},left=${side},bottom=${side},right=${side}]`;

function box(chart: Chart, state: ChartState): ElkNode {
  const inner = chart.states.filter(({ parent }) => parent === state.id);
  const width = state.key.length * STATE_CHARACTER_WIDTH + STATE_MARGIN;
  if (inner.length === 0) return { id: state.id, width, height: STATE_HEIGHT };
  return {
    id: state.id,
    layoutOptions: {
      "elk.padding": padding(TITLE_HEIGHT + 6, 12),
      "elk.nodeSize.constraints": "MINIMUM_SIZE",
      "elk.nodeSize.minimum": `(${width}, ${STATE_HEIGHT})`,
    },
    children: inner.map((child) => box(chart, child)),
  };
}

function edge({ from, id, lines, to }: Arrow): ElkExtendedEdge {
  const text = lines.map((line) => line.text);
  const width = Math.max(...text.map(({ length }) => length)) * CHARACTER_WIDTH + 6;
  const label = { text: text.join("\n"), width, height: lines.length * LINE_HEIGHT };
  return { id, sources: [from], targets: [to], labels: [label] };
}
