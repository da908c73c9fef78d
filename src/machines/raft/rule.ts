/**
 * A rule is a pure function from what the node knows and what it heard to what follows: new
 * context, effects for the host, notices for the replicators, events for the chart itself. `action`
 * binds one to the machine.
 */
import type { NodeId } from "../../types";
import type { ReplicatorEvent } from "../replicator.machine";
import { base, replicatorId } from "./base";
import type { RaftContext, RaftEffect, RaftEvent } from "./vocabulary";

/** What follows from a rule, in the order context, effects, notices, events. */
export interface Consequence {
  readonly context?: Partial<RaftContext>;
  readonly effects?: readonly RaftEffect[];
  readonly notices?: readonly Notice[];
  /** Heard within the same step, after all this. */
  readonly events?: readonly RaftEvent[];
}

interface Notice {
  readonly to: NodeId;
  readonly event: ReplicatorEvent;
}

export const nothing: Consequence = {};

/** Several consequences of one step, in order; a later context wins field by field. */
export function all(...parts: readonly Consequence[]): Consequence {
  let { context, effects = [], notices = [], events = [] } = parts[0] ?? nothing;
  for (const part of parts.slice(1)) {
    if (part.context) context = { ...context, ...part.context };
    if (part.effects?.length) effects = effects.concat(part.effects);
    if (part.notices?.length) notices = notices.concat(part.notices);
    if (part.events?.length) events = events.concat(part.events);
  }
  return context ? { context, effects, notices, events } : { effects, notices, events };
}

type EventOf<T extends RaftEvent["type"]> = Extract<RaftEvent, { readonly type: T }>;

/** Any rule, as the machine knows it by its name. */
type Rule = (context: RaftContext, event: RaftEvent) => Consequence;

interface Bound {
  readonly rule: Rule;
}

const isBound = (action: unknown): action is Bound =>
  typeof action === "function" && "rule" in action;

/** The rules that go by these names; null where one of the names means something else. */
export function boundTo(
  names: readonly string[],
  actions: Readonly<Record<string, unknown>>,
): readonly Bound[] | null {
  const bound: Bound[] = [];
  for (const name of names) {
    const action = actions[name];
    if (!isBound(action)) return null;
    bound.push(action);
  }
  return bound;
}

/** The rule stays at hand, so that `obey` can fold it with others. */
const bind = (rule: Rule) =>
  Object.assign(
    base.enqueueActions(({ context, event, enqueue }) =>
      carryOut(context, rule(context, event), enqueue),
    ),
    { rule },
  );

/** An action that needs no event. */
export const action = (rule: (context: RaftContext) => Consequence) => bind(rule);

/** An action on events of these types only; anything else is a mistake in the chart. */
export const actionOn = <T extends RaftEvent["type"]>(
  types: readonly T[],
  rule: (context: RaftContext, event: EventOf<T>) => Consequence,
) => {
  const expected: ReadonlySet<string> = new Set(types);
  const isExpected = (event: RaftEvent): event is EventOf<T> => expected.has(event.type);
  return bind((context, event) => {
    if (!isExpected(event)) throw new TypeError(`the chart binds a rule to ${event.type}`);
    return rule(context, event);
  });
};

/** What follows from rules in order, each on what those before it have left. */
export function follow(
  bound: readonly Bound[],
  before: RaftContext,
  event: RaftEvent,
): Consequence {
  let context = before;
  let followed = nothing;
  for (const { rule } of bound) {
    const part = rule(context, event);
    if (part === nothing) continue;
    followed = followed === nothing ? part : all(followed, part);
    if (part.context !== undefined) context = { ...context, ...part.context };
  }
  return followed;
}

interface Enqueue {
  assign(patch: Partial<RaftContext>): void;
  emit(effect: RaftEffect): void;
  sendTo(target: string, event: ReplicatorEvent): void;
  raise(event: RaftEvent): void;
}

/**
 * A replicator that has just stopped cannot be spoken to (the machine would fail), so notices go
 * out only here, and only to those that the leadership, old or new, still lists.
 */
export function carryOut(before: RaftContext, consequence: Consequence, enqueue: Enqueue): void {
  const { context, effects = [], notices = [], events = [] } = consequence;
  if (context !== undefined) enqueue.assign(context);
  for (const effect of effects) enqueue.emit(effect);
  const leadership = context?.leadership === undefined ? before.leadership : context.leadership;
  for (const { to, event } of notices) {
    if (leadership?.replicators.includes(to)) enqueue.sendTo(replicatorId(to), event);
  }
  for (const event of events) enqueue.raise(event);
}
