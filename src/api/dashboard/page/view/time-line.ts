/** What the time-line draws: who had which role when, and when each machine moved. */
import type { Transition } from "../answers";
import { type Role, roleOf } from "./roles";

/** **Units**: wall time in ms, both ends included. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When this page did not hear a node; the end is null while it lasts. */
export interface Silence {
  readonly fromMs: number;
  readonly toMs: number | null;
}

export interface RoleSpan extends Interval {
  /** `lost` where the node did not answer. */
  readonly role: Role | "lost";
  /** As of its beginning. */
  readonly term: number;
}

/**
 * The roles of one node within `shown`. A node that is killed cannot say when: its last role ends
 * with the silence before its next start, as far as this page was there to hear it.
 */
export function roleSpans(
  transitions: readonly Transition[],
  silences: readonly Silence[],
  shown: Interval,
): readonly RoleSpan[] {
  const turns = transitions.filter(({ machine }) => machine === "raft" || machine === "recovery");
  const spans = turns.flatMap((turn, at): RoleSpan[] => {
    const next = turns[at + 1];
    const toMs = next?.wall_ms ?? shown.toMs;
    if (turn.machine !== "raft" || turn.to === null) return [];
    const span = { fromMs: turn.wall_ms, toMs, role: roleOf(turn.to), term: turn.term };
    const isCut = next === undefined || (next.machine === "recovery" && next.event === "started");
    return isCut ? cutBySilence(span, silences) : [span];
  });
  return joined(spans).flatMap((span) => clip(span, shown));
}

/** A follower that stays one in the same term is drawn as one, whatever moved within its role. */
function joined(spans: readonly RoleSpan[]): readonly RoleSpan[] {
  const whole: RoleSpan[] = [];
  for (const span of spans) {
    const before = whole.at(-1);
    const goesOn =
      before?.role === span.role && before.term === span.term && before.toMs === span.fromMs;
    if (goesOn) whole[whole.length - 1] = { ...before, toMs: span.toMs };
    else whole.push(span);
  }
  return whole;
}

/** The part before the node fell silent, and the silence. */
function cutBySilence(span: RoleSpan, silences: readonly Silence[]): RoleSpan[] {
  const silence = silences.findLast(
    ({ fromMs, toMs }) =>
      fromMs >= span.fromMs && fromMs < span.toMs && (toMs === null || toMs >= span.toMs),
  );
  if (silence === undefined) return [span];
  const lost = { ...span, fromMs: silence.fromMs, role: "lost" as const };
  return [{ ...span, toMs: silence.fromMs }, lost];
}

function clip<Span extends Interval>(span: Span, shown: Interval): readonly Span[] {
  const fromMs = Math.max(span.fromMs, shown.fromMs);
  const toMs = Math.min(span.toMs, shown.toMs);
  return toMs > fromMs ? [{ ...span, fromMs, toMs }] : [];
}

/** Those that moved within `shown`. */
export const within = (
  transitions: readonly Transition[],
  { fromMs, toMs }: Interval,
): readonly Transition[] => transitions.filter(({ wall_ms: at }) => at >= fromMs && at <= toMs);

/** Where a time stands, from 0 to 1. */
export const partOf = (atMs: number, { fromMs, toMs }: Interval): number =>
  (atMs - fromMs) / (toMs - fromMs);

const TICKS_WANTED = 6;
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].map((seconds) => seconds * 1_000);

/** Round ages between now and the beginning of `shown`, the oldest first. **Units**: ms. */
export function ticksOf({ fromMs, toMs }: Interval): readonly number[] {
  const length = toMs - fromMs;
  const step = STEPS_MS.find((candidate) => length / candidate <= TICKS_WANTED) ?? length;
  const ticks: number[] = [];
  for (let age = 0; age < length; age += step) ticks.push(age);
  return ticks.reverse();
}
