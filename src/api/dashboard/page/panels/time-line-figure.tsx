/** A lane for each node: its role as a band, every transition as a mark. */
import { useRef } from "preact/hooks";
import type { Transition } from "../answers";
import { type Interval, partOf, type RoleSpan, ticksOf } from "../view/time-line";
import { kindOf } from "../view/transitions";
import { useSize } from "./use-size";

export interface Lane {
  readonly id: number;
  readonly spans: readonly RoleSpan[];
  readonly transitions: readonly Transition[];
}

interface TimeLineFigureParts {
  readonly lanes: readonly Lane[];
  readonly shown: Interval;
  readonly pointedAt: Transition | null;
  readonly onPoint: (transition: Transition | null) => void;
}

const LANE_HEIGHT = 48;
const LABEL_WIDTH = 66;
const AXIS_HEIGHT = 22;
const BAND = { top: 6, height: 18 };
const MARKS_TOP = 34;
/** Below this a band has no room for a word. **Units**: CSS pixels. */
const WORD_WIDTH = 84;

export function TimeLineFigure({ lanes, onPoint, pointedAt, shown }: TimeLineFigureParts) {
  const box = useRef<HTMLDivElement>(null);
  const width = useSize(box).width || 800;
  const height = lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
  const xOf = (atMs: number) => LABEL_WIDTH + partOf(atMs, shown) * (width - LABEL_WIDTH);
  return (
    <div ref={box} class="time-line-box">
      <svg class="time-line" viewBox={`0 0 ${width} ${height}`} style={{ height }} role="img">
        <title>{titleOf(lanes)}</title>
        {ticksOf(shown).map((age) => (
          <Tick key={age} x={xOf(shown.toMs - age)} height={height} age={age} />
        ))}
        {lanes.map((lane, at) => (
          <g key={lane.id} transform={`translate(0 ${at * LANE_HEIGHT})`}>
            <text class="lane-name" x="0" y={BAND.top + 13}>
              Node {lane.id}
            </text>
            {lane.spans.map((span) => (
              <Band key={span.fromMs} span={span} left={xOf(span.fromMs)} right={xOf(span.toMs)} />
            ))}
            {lane.transitions.map((one) => (
              <Mark
                key={one.seq}
                x={xOf(one.wall_ms)}
                transition={one}
                isPointedAt={one.seq === pointedAt?.seq && one.node === pointedAt.node}
                onPoint={onPoint}
              />
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}

const titleOf = (lanes: readonly Lane[]): string =>
  lanes
    .map(({ id, spans, transitions }) => {
      const now = spans.at(-1)?.role ?? "unknown";
      return `Node ${id}: ${now} now, ${transitions.length} transitions in view`;
    })
    .join("; ");

const seconds = (age: number): string =>
  age === 0 ? "now" : age < 60_000 ? `${age / 1_000} s` : `${age / 60_000} min`;

function Tick({ age, height, x }: { x: number; height: number; age: number }) {
  return (
    <g class="tick">
      <line x1={x} x2={x} y1={0} y2={height - AXIS_HEIGHT} />
      <text x={x} y={height - 6} text-anchor={age === 0 ? "end" : "middle"}>
        {seconds(age)}
      </text>
    </g>
  );
}

function Band({ left, right, span }: { span: RoleSpan; left: number; right: number }) {
  const { role, term } = span;
  const width = Math.max(right - left, 1.5);
  const word = role === "lost" ? "no answer" : role === "leader" ? `leader, term ${term}` : role;
  return (
    <g class="band" data-role={role}>
      <rect x={left} y={BAND.top} width={width} height={BAND.height} rx={Math.min(4, width / 2)} />
      {width >= WORD_WIDTH && (
        <text x={left + 8} y={BAND.top + 13}>
          {word}
        </text>
      )}
    </g>
  );
}

interface MarkParts {
  readonly x: number;
  readonly transition: Transition;
  readonly isPointedAt: boolean;
  readonly onPoint: (transition: Transition | null) => void;
}

/** A machine is told by the shape, too, and not by colour alone. */
const SHAPES: Readonly<Record<string, string>> = {
  raft: "M0-5A5 5 0 1 1 0 5A5 5 0 1 1 0-5Z",
  replicator: "M0-5.5 5.5 0 0 5.5-5.5 0Z",
  link: "M-4-4H4V4H-4Z",
  acceptance: "M-4-4H4V4H-4ZM-2-2V2H2V-2Z",
  compaction: "M0-5 5 4H-5Z",
  membership: "M-1.5-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5V-1.5H-1.5Z",
  recovery: "M-5-4H5L0 5Z",
};

function Mark({ isPointedAt, onPoint, transition, x }: MarkParts) {
  const kind = kindOf(transition.machine);
  return (
    <path
      class="mark-at"
      data-kind={kind}
      data-pointed={String(isPointedAt)}
      d={SHAPES[kind] ?? SHAPES.link}
      transform={`translate(${x.toFixed(1)} ${MARKS_TOP})${isPointedAt ? " scale(1.5)" : ""}`}
      onPointerEnter={() => onPoint(transition)}
      onPointerLeave={() => onPoint(null)}
    />
  );
}

/** What each shape stands for. */
export function TimeLineLegend() {
  return (
    <ul class="legend" aria-hidden="true">
      {Object.entries(SHAPES).map(([kind, shape]) => (
        <li key={kind}>
          <svg viewBox="-7 -7 14 14" aria-hidden="true">
            <path class="mark-at" data-kind={kind} d={shape} />
          </svg>
          {kind}
        </li>
      ))}
    </ul>
  );
}
