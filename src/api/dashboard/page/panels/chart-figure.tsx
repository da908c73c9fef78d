/** A chart's shapes: active states lit, the arrow just taken marked. */
import { useEffect, useRef } from "preact/hooks";
import { eventTitle, LINE_HEIGHT, TITLE_HEIGHT } from "../view/chart-graph";
import type { ArrowShape, ChartShapes, StateShape } from "../view/chart-shapes";

interface ChartFigureParts {
  readonly shapes: ChartShapes;
  readonly lit: ReadonlySet<string>;
  /** The id of the arrow that was taken last. */
  readonly taken: string | null;
  /** Each taking is marked anew. */
  readonly takenSeq: number;
  readonly label: string;
}

const MARGIN = 2;

export function ChartFigure({ label, lit, shapes, taken, takenSeq }: ChartFigureParts) {
  const { height, width } = shapes;
  const scroll = useRef<HTMLElement>(null);
  const active = [...lit].at(-1);
  useEffect(() => {
    if (scroll.current !== null) showActive(scroll.current);
  }, [shapes, active]);
  const box = `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: Justification: it scrolls.
    <section ref={scroll} class="chart-scroll scroll" tabIndex={0} aria-label="Drawing">
      <svg class="chart" viewBox={box} style={{ "--width": `${width}px` }} role="img">
        <title>{label}</title>
        <defs>
          <marker
            id="arrow-head"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path d="M0 0.6 8 4 0 7.4z" fill="context-stroke" />
          </marker>
        </defs>
        {shapes.states.map((state) => (
          <StateBox key={state.id} state={state} isLit={lit.has(state.id)} />
        ))}
        {shapes.arrows.map((shape) => (
          <ArrowLine
            key={shape.arrow.id}
            shape={shape}
            isTaken={shape.arrow.id === taken}
            seq={takenSeq}
          />
        ))}
      </svg>
    </section>
  );
}

/** Where the chart is wider than the screen, the active state is brought to its middle. */
function showActive(scroll: HTMLElement): void {
  const state = [...scroll.querySelectorAll('.state[data-lit="true"]')].at(-1);
  if (state === undefined) return;
  const [box, frame] = [state.getBoundingClientRect(), scroll.getBoundingClientRect()];
  const left = scroll.scrollLeft + box.left + box.width / 2 - frame.left - frame.width / 2;
  scroll.scrollTo({ left });
}

function StateBox({ isLit, state }: { state: StateShape; isLit: boolean }) {
  const { height, isCompound, isFinal, isInitial, title, width, x, y } = state;
  const titleY = isCompound ? y + TITLE_HEIGHT / 2 + 5 : y + height / 2;
  return (
    <g
      class="state"
      data-state={state.id}
      data-lit={String(isLit)}
      data-compound={String(isCompound)}
    >
      <rect x={x} y={y} width={width} height={height} rx={isCompound ? 10 : 8} />
      {isFinal && <rect x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={6} />}
      {isInitial && <circle cx={x + 10} cy={isCompound ? titleY : y + height / 2} r="2.5" />}
      <text x={isCompound ? x + 20 : x + width / 2 + (isInitial ? 4 : 0)} y={titleY}>
        {title}
      </text>
    </g>
  );
}

function ArrowLine({ isTaken, seq, shape }: { shape: ArrowShape; isTaken: boolean; seq: number }) {
  const { arrow, label, path } = shape;
  const events = arrow.transitions.map(eventTitle).join(", ");
  return (
    <g class="arrow" data-taken={String(isTaken)} key={isTaken ? seq : 0}>
      <title>{`${arrow.from} → ${arrow.to}: ${events}`}</title>
      <path d={path} marker-end="url(#arrow-head)" />
      {label !== null && (
        <text class="arrow-label">
          {arrow.lines.map((line, at) => (
            <tspan
              key={line.text}
              class={line.isTimer ? "timer" : undefined}
              x={label.x + 3}
              y={label.y + (at + 0.72) * LINE_HEIGHT}
            >
              {line.text}
            </tspan>
          ))}
        </text>
      )}
    </g>
  );
}
