/**
 * A mutant: the product with one known bug put in, by name, from outside. It is plain data, so that
 * the registry can count how often each of its overrides ran: `.provide` under a wrong name is
 * silent.
 */
import { raftMachine } from "../../../src/machines/raft/raft.machine";
import { action, actionOn, type Consequence } from "../../../src/machines/raft/rule";
import type { RaftContext, RaftEvent } from "../../../src/machines/raft/vocabulary";
import type { NodeRecipe } from "../../../src/simulation/cluster-parts";
import type { Script } from "./script";

/** Told each time an override is used. */
type Ran = () => void;
type BoundAction = ReturnType<typeof action>;
type EventOf<T extends RaftEvent["type"]> = Extract<RaftEvent, { readonly type: T }>;

/** What a guard is asked with. */
export interface Asked {
  readonly context: RaftContext;
  readonly event: RaftEvent;
}

/** Wrapped ports, as a node's recipe takes them. */
export type Ports = Pick<
  NodeRecipe,
  "wrapLog" | "wrapSnapshots" | "wrapOpened" | "wrapTransport" | "wrapFiles"
>;

export interface Mutant {
  /** Its number in the catalogue of bugs, as "M14"; a letter behind it tells two forms apart. */
  readonly id: string;
  /** What is wrong, in a sentence. */
  readonly bug: string;
  /** Who shipped it. */
  readonly source: string;
  /** Beginnings of the names of invariants; one of them is what it breaks. */
  readonly caughtBy: readonly string[];
  readonly actions?: Readonly<Record<string, (ran: Ran) => BoundAction>>;
  readonly guards?: Readonly<Record<string, (asked: Asked) => boolean>>;
  readonly ports?: (ran: Ran) => Ports;
  /** The story in which it shows, for which random search would look too long. */
  readonly script?: Script;
}

/** Another rule under the name of one that needs no event. */
export const rule =
  (consequence: (context: RaftContext) => Consequence) =>
  (ran: Ran): BoundAction =>
    action((context) => {
      ran();
      return consequence(context);
    });

/** Another rule under the name of one on these events. */
export const ruleOn =
  <T extends RaftEvent["type"]>(
    types: readonly T[],
    consequence: (context: RaftContext, event: EventOf<T>) => Consequence,
  ) =>
  (ran: Ran): BoundAction =>
    actionOn(types, (context, event) => {
      ran();
      return consequence(context, event);
    });

/** How often each override of a mutant was used. */
export type Runs = Map<string, number>;

/** The recipe of a node with this bug; `runs` counts. */
export function recipeOf(mutant: Mutant, runs: Runs): Partial<NodeRecipe> {
  const count = (name: string) => () => runs.set(name, (runs.get(name) ?? 0) + 1);
  for (const name of overridesOf(mutant)) runs.set(name, 0);
  const actions = Object.entries(mutant.actions ?? {}).map(
    ([name, bind]) => [name, bind(count(name))] as const,
  );
  const guards = Object.entries(mutant.guards ?? {}).map(([name, ask]) => {
    const ran = count(name);
    const counted = (asked: Asked) => {
      ran();
      return ask(asked);
    };
    return [name, counted] as const;
  });
  const implementations = {
    actions: Object.fromEntries(actions),
    guards: Object.fromEntries(guards),
  };
  return { machine: raftMachine.provide(implementations), ...mutant.ports?.(count("ports")) };
}

/** Everything that must have run. */
export const overridesOf = ({ actions, guards, ports }: Mutant): readonly string[] => [
  ...Object.keys(actions ?? {}),
  ...Object.keys(guards ?? {}),
  ...(ports === undefined ? [] : ["ports"]),
];
