/** A chart's transitions in words: what a diagram draws and a table lists. */
import type { AnyStateMachine, AnyStateNode } from "xstate";

export interface Transition {
  readonly source: AnyStateNode;
  /** An event's type, a delay as `after name`, or "" for one that needs no event. */
  readonly trigger: string;
  /** A guard's name, `else` behind guarded ones of the same trigger, or null. */
  readonly condition: string | null;
  readonly actions: readonly string[];
  /** null where the state stays as it is. */
  readonly target: AnyStateNode | null;
}

/** All states of a chart, the root first, each before what is in it. */
export function* statesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node;
  for (const child of Object.values(node.states)) yield* statesOf(child);
}

type Definition = NonNullable<AnyStateNode["always"]>[number];

/** The transitions that `source` itself declares, in the order in which they are tried. */
export function transitionsOf(source: AnyStateNode): readonly Transition[] {
  const delays = Map.groupBy(source.after, ({ delay }) => `after ${delay}`);
  const events = [...source.transitions].filter(([event]) => !event.startsWith("xstate."));
  const tried: [string, readonly Definition[]][] = [
    ["", source.always ?? []],
    ...delays,
    ...events,
  ];
  return tried.flatMap(([trigger, definitions]) =>
    definitions.map((definition, at) => ({
      source,
      trigger,
      condition: nameOf(definition.guard) ?? (at > 0 ? "else" : null),
      actions: namesOf(definition.actions),
      target: definition.target?.[0] ?? null,
    })),
  );
}

export const allTransitions = (machine: AnyStateMachine): readonly Transition[] =>
  [...statesOf(machine.root)].flatMap(transitionsOf);

/** The names in an `entry`, `exit` or `actions` of a configuration. */
export const namesOf = (actions: unknown): readonly string[] =>
  (Array.isArray(actions) ? actions : [actions]).flatMap((action) => nameOf(action) ?? []);

/** Everything in our charts is bound by name; a walk in the tests holds them to it. */
const nameOf = (named: unknown): string | null => (typeof named === "string" ? named : null);
