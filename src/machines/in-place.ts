/**
 * Steps in place: those on the path of a write, which leave a machine in the state it is in. For
 * each event XState works out which states are left and entered, and for each assignment the whole
 * snapshot; where rules are followed and nothing else happens, that is most of what a step costs,
 * and changes nothing. Such steps are taken here, all others by XState. The chart is the same, and
 * XState still chooses the transition by it; what comes of it is the same too, in the same order (a
 * test leads clusters both ways through the same life). Only an inspector misses the microsteps.
 */
import type { AnyStateMachine, EventObject } from "xstate";
import { assert } from "../assert";
import { isRuled, type Notice, PARENT } from "./rule";

type Snapshot = Parameters<AnyStateMachine["transition"]>[0];
type Scope = Parameters<AnyStateMachine["transition"]>[2];
type Transition = ReturnType<AnyStateMachine["getTransitionData"]>[number];
type StateNode = Snapshot["_nodes"][number];

/** `machine`, with its steps in place taken here; and so whatever its `provide` makes of it. */
export function inPlace<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const { provide, transition } = machine;
  return Object.assign(machine, {
    provide: (...implementations: Parameters<Machine["provide"]>) =>
      inPlace(provide.apply(machine, implementations)),
    transition: (before: Snapshot, event: EventObject, scope: Scope) =>
      stepInPlace(before, event, scope) ?? transition(before, event, scope),
  });
}

/** What is to be done once the step is whole, and what the machine hears next within it. */
interface Pending {
  readonly deeds: ((scope: Scope) => void)[];
  readonly events: EventObject[];
}

/** null where it is another step: nothing has come of it yet, for rules are pure. */
function stepInPlace(before: Snapshot, event: EventObject, scope: Scope): Snapshot | null {
  const pending: Pending = { deeds: [], events: [event] };
  let snapshot: Snapshot | null = before;
  for (const next of pending.events) {
    snapshot = transitInPlace(snapshot, next, pending);
    if (snapshot === null) return null;
  }
  scope.defer(() => {
    for (const deed of pending.deeds) deed(scope);
  });
  return snapshot;
}

function transitInPlace(before: Snapshot, event: EventObject, pending: Pending): Snapshot | null {
  const [transition, another] = before.machine.getTransitionData(before, event);
  if (transition === undefined || another !== undefined) return null;
  const leaf = transition.target?.[0];
  if (leaf !== undefined && !isReentered(transition, leaf, before)) return null;
  if (leaf !== undefined) disarm(leaf, pending);
  const context = follow(transition, before, event, pending);
  if (context === null) return null;
  const after = context === before.context ? before : { ...before, context };
  if (leaf !== undefined) arm(leaf, after, event, pending);
  return goesOn(after, event) ? null : after;
}

/** Whether nothing happens but that the timers of the state it is in begin anew. */
const isReentered = ({ reenter, source }: Transition, leaf: StateNode, { _nodes }: Snapshot) =>
  leaf.parent === source &&
  !reenter &&
  leaf.type === "atomic" &&
  leaf.config.entry === undefined &&
  leaf.config.exit === undefined &&
  leaf.invoke.length === 0 &&
  _nodes.includes(leaf);

/** The context after the rules of a transition; null where not all it does are rules. */
function follow(
  transition: Transition,
  { children, context: before, machine }: Snapshot,
  event: EventObject,
  { deeds, events }: Pending,
) {
  let context = before;
  for (const name of transition.actions) {
    const action = typeof name === "string" ? machine.implementations.actions[name] : null;
    if (!isRuled(action)) return null;
    const outcome = action.rule(context, event);
    if (outcome.context !== undefined) context = { ...context, ...outcome.context };
    for (const effect of outcome.effects ?? []) deeds.push((scope) => scope.emit(effect));
    for (const notice of outcome.notices ?? []) deeds.push(tell(notice, children));
    if (outcome.events !== undefined) events.push(...outcome.events);
  }
  return context;
}

function tell({ event, to }: Notice, children: Snapshot["children"]) {
  const child = children[to];
  assert(child !== undefined || to === PARENT, "a notice is for a child or the parent");
  return ({ self }: Scope) => (child ?? self._parent)?.send(event);
}

/** A timer has a transition for each of its branches. */
const timersOf = ({ after }: StateNode) =>
  after.filter(({ eventType }, at) => after[at - 1]?.eventType !== eventType);

function disarm(leaf: StateNode, { deeds }: Pending): void {
  for (const { eventType } of timersOf(leaf)) {
    deeds.push(({ self, system }) => system.scheduler.cancel(self, eventType));
  }
}

function arm(
  leaf: StateNode,
  { context, machine }: Snapshot,
  event: EventObject,
  { deeds }: Pending,
) {
  for (const { delay: name, eventType } of timersOf(leaf)) {
    const delay = machine.implementations.delays[String(name)];
    assert(delay !== undefined, "a delay has a name");
    deeds.push(({ self, system }) => {
      const found = { context, event, self, system };
      const delayMs = typeof delay === "function" ? delay(found, undefined) : delay;
      system.scheduler.schedule(self, self, { type: eventType }, delayMs, eventType);
    });
  }
}

/** Whether it does not stay where it is, or may not: XState is to see to it. */
function goesOn({ _nodes, context, machine }: Snapshot, event: EventObject): boolean {
  for (const { always = [] } of _nodes) {
    for (const { guard } of always) {
      const asked = typeof guard === "string" ? machine.implementations.guards[guard] : null;
      if (typeof asked !== "function" || "check" in asked) return true;
      if (asked({ context, event }, undefined)) return true;
    }
  }
  return false;
}
