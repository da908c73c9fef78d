/** What the layout answers, as shapes to draw. */
import type { ElkNode, ElkPoint } from "elkjs/lib/elk-api";
import type { Chart } from "../answers";
import type { Arrow } from "./chart-graph";

export interface StateShape {
  readonly id: string;
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly isCompound: boolean;
  readonly isFinal: boolean;
  /** Its parent begins in it. */
  readonly isInitial: boolean;
}

export interface ArrowShape {
  readonly arrow: Arrow;
  readonly path: string;
  readonly label: { readonly x: number; readonly y: number } | null;
}

export interface ChartShapes {
  readonly width: number;
  readonly height: number;
  /** A state comes before those within it. */
  readonly states: readonly StateShape[];
  readonly arrows: readonly ArrowShape[];
}

const CORNER_RADIUS = 6;

/** Joins the places that the layout found with what stands there. */
export function chartShapes(chart: Chart, arrows: readonly Arrow[], laid: ElkNode): ChartShapes {
  const initial = new Set(chart.states.map((state) => state.initial));
  const states = placed(laid).flatMap((node) => {
    const state = chart.states.find(({ id }) => id === node.id);
    if (state === undefined) return [];
    const { height = 0, width = 0, x = 0, y = 0 } = node;
    return {
      id: state.id,
      title: state.key,
      ...{ x, y, width, height },
      isCompound: (node.children?.length ?? 0) > 0,
      isFinal: state.type === "final",
      isInitial: initial.has(state.id),
    };
  });
  const shapes = (laid.edges ?? []).flatMap((edge) => {
    const arrow = arrows.find(({ id }) => id === edge.id);
    const [section] = edge.sections ?? [];
    if (arrow === undefined || section === undefined) return [];
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
    const [label] = edge.labels ?? [];
    const place = label && { x: label.x ?? 0, y: label.y ?? 0 };
    return { arrow, path: roundedPath(points), label: place ?? null };
  });
  return { width: laid.width ?? 0, height: laid.height ?? 0, states, arrows: shapes };
}

const placed = (node: ElkNode): readonly ElkNode[] =>
  (node.children ?? []).flatMap((child) => [child, ...placed(child)]);

/** A way along the points whose corners are round, as far as the legs are long enough. */
export function roundedPath(points: readonly ElkPoint[]): string {
  const text = ({ x, y }: ElkPoint) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
  return points
    .map((corner, at) => {
      const before = points[at - 1];
      const after = points[at + 1];
      if (before === undefined) return `M${text(corner)}`;
      if (after === undefined) return `L${text(corner)}`;
      return `L${text(towards(corner, before))}Q${text(corner)} ${text(towards(corner, after))}`;
    })
    .join("");
}

/** The point on the way from `corner` to `other` where the rounding ends. */
function towards(corner: ElkPoint, other: ElkPoint): ElkPoint {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y) || 1;
  const part = Math.min(CORNER_RADIUS, length / 2) / length;
  return {
    x: corner.x + (other.x - corner.x) * part,
    y: corner.y + (other.y - corner.y) * part,
  };
}
