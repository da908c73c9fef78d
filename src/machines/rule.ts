/**
 * A rule is a pure function from what a machine knows and what it heard to what follows. An action
 * that is made of one has it at hand, so that a step in place (`in-place.ts`) can follow it itself.
 */
import type { EventObject } from "xstate";

/** What follows from a rule, in the order context, effects, notices, events. */
export interface Outcome<
  Context = object,
  Effect extends EventObject = EventObject,
  Event extends EventObject = EventObject,
> {
  readonly context?: Partial<Context>;
  readonly effects?: readonly Effect[];
  readonly notices?: readonly Notice[];
  /** Heard by the machine itself within the same step, after all this. */
  readonly events?: readonly Event[];
}

export interface Notice {
  /** A child's id, or `PARENT`. */
  readonly to: string;
  readonly event: EventObject;
}

/** As XState calls it. */
export const PARENT = "#_parent";

/** Whether an action has the rule at hand that it is made of. */
export const isRuled = (
  action: unknown,
): action is { readonly rule: (context: object, event: EventObject) => Outcome } =>
  typeof action === "function" && "rule" in action;

/** A rule on events of these types only; anything else is a mistake in the chart. */
export function onlyOn<Context, Event extends EventObject, T extends Event["type"], Result>(
  types: readonly T[],
  rule: (context: Context, event: Extract<Event, { readonly type: T }>) => Result,
) {
  const expected: ReadonlySet<string> = new Set(types);
  const isExpected = (event: Event): event is Extract<Event, { readonly type: T }> =>
    expected.has(event.type);
  return (context: Context, event: Event): Result => {
    if (!isExpected(event)) throw new TypeError(`the chart binds a rule to ${event.type}`);
    return rule(context, event);
  };
}

interface Enqueue<Context, Effect, Event> {
  assign(patch: Partial<Context>): void;
  emit(effect: Effect): void;
  sendTo(target: string, event: EventObject): void;
  raise(event: Event): void;
}

/** Has XState carry it out. */
export function enqueueOutcome<Context, Effect extends EventObject, Event extends EventObject>(
  { context, effects = [], events = [], notices = [] }: Outcome<Context, Effect, Event>,
  enqueue: Enqueue<Context, Effect, Event>,
): void {
  if (context !== undefined) enqueue.assign(context);
  for (const effect of effects) enqueue.emit(effect);
  for (const { event, to } of notices) enqueue.sendTo(to, event);
  for (const event of events) enqueue.raise(event);
}
