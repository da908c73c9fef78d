/** Which states of a chart are active, and which of its arrows was just taken. */
import type { Transition } from "../answers";
import type { Arrow } from "./chart-graph";

/** A state and all that it is within: `leader.serving` is in `leader`. */
export function litStates(path: string | null): ReadonlySet<string> {
  const parts = path?.split(".") ?? [];
  return new Set(parts.map((_, at) => parts.slice(0, at + 1).join(".")));
}

/**
 * The arrow that a transition went along: one that leads from where it was to where it came, by
 * its event if there is such a one. An arrow may begin and end at a state that encloses those.
 * Null for what began or ended, and for what no arrow stands for.
 */
export function arrowTaken(
  arrows: readonly Arrow[],
  { event, from, to }: Transition,
): Arrow | null {
  const sources = litStates(from);
  const targets = litStates(to);
  const possible = arrows.filter((arrow) => sources.has(arrow.from) && targets.has(arrow.to));
  const named = possible.filter(({ transitions }) =>
    transitions.some((one) => one.event === event),
  );
  const depth = (arrow: Arrow) => arrow.from.length + arrow.to.length;
  const byDepth = (named.length > 0 ? named : possible).toSorted(
    (one, other) => depth(other) - depth(one),
  );
  return byDepth[0] ?? null;
}
