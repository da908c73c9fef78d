/** A chart as plain data: its states and transitions, by the names of everything in it. */
import type { AnyStateMachine, AnyStateNode } from "xstate";
import { allTransitions, namesOf, statesOf, type Transition } from "./transitions";

export interface ChartState {
  /** A dotted path; of the root its own name. */
  readonly id: string;
  readonly key: string;
  /** null for the root. */
  readonly parent: string | null;
  readonly type: string;
  /** The state that it is entered by; null for one without any inside. */
  readonly initial: string | null;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** Machines that run while it is entered. */
  readonly runs: readonly { readonly id: string; readonly machine: string }[];
}

export interface ChartTransition {
  readonly from: string;
  /** "" for one that needs no event. */
  readonly event: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
  /** null where the state stays as it is. */
  readonly to: string | null;
}

export interface ChartDefinition {
  /** The root first, each state before what is in it. */
  readonly states: readonly ChartState[];
  /** In the order in which they are tried. */
  readonly transitions: readonly ChartTransition[];
}

export const defineChart = (machine: AnyStateMachine): ChartDefinition => ({
  states: [...statesOf(machine.root)].map(describeState),
  transitions: allTransitions(machine).map(describeTransition),
});

const idOf = (state: AnyStateNode): string => state.path.join(".") || state.key;

function describeState(state: AnyStateNode): ChartState {
  const initial = state.initial?.target?.[0];
  return {
    id: idOf(state),
    key: state.key,
    parent: state.parent ? idOf(state.parent) : null,
    type: state.type,
    initial: initial ? idOf(initial) : null,
    entry: namesOf(state.config.entry ?? []),
    exit: namesOf(state.config.exit ?? []),
    runs: state.invoke.map(({ id, src }) => ({
      id,
      machine: typeof src === "string" ? src : "nameless machine",
    })),
  };
}

const describeTransition = (transition: Transition): ChartTransition => ({
  from: idOf(transition.source),
  event: transition.trigger,
  guard: transition.condition,
  actions: transition.actions,
  to: transition.target === null ? null : idOf(transition.target),
});
