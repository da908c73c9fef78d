/**
 * A rule is a pure function from what the node knows and what it heard to what follows: new
 * context, effects for the host, notices for the replicators, events for the chart itself. `action`
 * binds one to the machine.
 */
import type { NodeId } from "../../types";
import type { ReplicatorEvent } from "../replicator.machine";
import { enqueueOutcome, type Outcome, onlyOn } from "../rule";
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

type Addressed = Outcome<RaftContext, RaftEffect, RaftEvent>;

const bind = (decide: (context: RaftContext, event: RaftEvent) => Consequence) => {
  const rule = (context: RaftContext, event: RaftEvent): Addressed =>
    addressed(context, decide(context, event));
  const act = base.enqueueActions(({ context, event, enqueue }) =>
    enqueueOutcome<RaftContext, RaftEffect, RaftEvent>(rule(context, event), enqueue),
  );
  return Object.assign(act, { rule });
};

/**
 * A replicator that has just stopped cannot be spoken to (the machine would fail), so notices go
 * out only here, and only to those that the leadership, old or new, still lists.
 */
function addressed(before: RaftContext, consequence: Consequence): Addressed {
  if (isQuiet(consequence)) return consequence;
  const { context, notices = [] } = consequence;
  const { leadership = before.leadership } = context ?? {};
  const heeded = notices.filter(({ to }) => leadership?.replicators.includes(to));
  return {
    ...consequence,
    notices: heeded.map(({ event, to }) => ({ to: replicatorId(to), event })),
  };
}

/** Most rules have nothing to say to a replicator. */
const isQuiet = (
  consequence: Consequence,
): consequence is Consequence & { readonly notices?: readonly never[] } =>
  consequence.notices === undefined || consequence.notices.length === 0;

/** An action that needs no event. */
export const action = (rule: (context: RaftContext) => Consequence) => bind(rule);

/** An action on events of these types only; anything else is a mistake in the chart. */
export const actionOn = <T extends RaftEvent["type"]>(
  types: readonly T[],
  rule: (context: RaftContext, event: EventOf<T>) => Consequence,
) => bind(onlyOn<RaftContext, RaftEvent, T, Consequence>(types, rule));
