/** The story in words, the newest first. */
import type { Transition } from "../answers";
import { clockTime } from "../view/formats";
import { stepOf } from "../view/transitions";

/** As many as a person scrolls through; the rest is in `/v1/inspect/transitions`. */
const ROWS_MAX = 120;

interface TransitionListParts {
  readonly transitions: readonly Transition[];
  readonly pointedAt: Transition | null;
  readonly onPoint: (transition: Transition | null) => void;
}

export function TransitionList({ onPoint, pointedAt, transitions }: TransitionListParts) {
  const newest = transitions.slice(-ROWS_MAX).reverse();
  const rows = pointedAt === null || newest.includes(pointedAt) ? newest : [pointedAt, ...newest];
  if (rows.length === 0) return <p class="empty">No transition has been heard of yet.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: Justification: what scrolls needs the focus.
    <section class="scroll story" tabIndex={0} aria-label="Transitions, the newest first">
      <ol>
        {rows.map((one) => (
          <li
            key={`${one.node}-${one.seq}-${one.wall_ms}`}
            data-pointed={String(one === pointedAt)}
            data-machine={one.machine}
            onPointerEnter={() => onPoint(one)}
            onPointerLeave={() => onPoint(null)}
          >
            <time class="mono">{clockTime(one.wall_ms)}</time>
            <span class="story-node">node {one.node}</span>
            <span class="story-machine">{one.machine}</span>
            <span class="story-step">{stepOf(one)}</span>
            <span class="story-event mono">{one.event}</span>
            <span class="story-reason">{one.reason}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
