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
  readonly notices?: readonly { readonly to: NodeId; readonly event: ReplicatorEvent }[];
  /** Heard within the same step, after all this. */
  readonly events?: readonly RaftEvent[];
}

export const nothing: Consequence = {};

/** Several consequences of one step, in order; a later context wins field by field. */
export function all(...parts: readonly Consequence[]): Consequence {
  return {
    context: Object.assign({}, ...parts.map((part) => part.context)),
    effects: parts.flatMap((part) => part.effects ?? []),
    notices: parts.flatMap((part) => part.notices ?? []),
    events: parts.flatMap((part) => part.events ?? []),
  };
}

type EventOf<T extends RaftEvent["type"]> = Extract<RaftEvent, { readonly type: T }>;

/** An action that needs no event. */
export const action = (rule: (context: RaftContext) => Consequence) =>
  base.enqueueActions(({ context, enqueue }) => carryOut(context, rule(context), enqueue));

/** An action on events of these types only; anything else is a mistake in the chart. */
export const actionOn = <T extends RaftEvent["type"]>(
  types: readonly T[],
  rule: (context: RaftContext, event: EventOf<T>) => Consequence,
) => {
  const expected: ReadonlySet<string> = new Set(types);
  const isExpected = (event: RaftEvent): event is EventOf<T> => expected.has(event.type);
  return base.enqueueActions(({ context, event, enqueue }) => {
    if (!isExpected(event)) throw new TypeError(`the chart binds a rule to ${event.type}`);
    carryOut(context, rule(context, event), enqueue);
  });
};

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
function carryOut(before: RaftContext, consequence: Consequence, enqueue: Enqueue): void {
  const { context, effects = [], notices = [], events = [] } = consequence;
  if (context !== undefined) enqueue.assign(context);
  for (const effect of effects) enqueue.emit(effect);
  const leadership = context?.leadership === undefined ? before.leadership : context.leadership;
  for (const { to, event } of notices) {
    if (leadership?.replicators.includes(to)) enqueue.sendTo(replicatorId(to), event);
  }
  for (const event of events) enqueue.raise(event);
}
