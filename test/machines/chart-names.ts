/** Which names a chart uses, those inside composed guards (`and`, `or`, `not`) included. */
import type { AnyStateMachine } from "xstate";
import { actionsIn, statesOf } from "./chart";

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value ?? []].flat());

/** The guards that a composed guard asks; a plain one asks none. */
const askedBy = (guard: unknown): readonly unknown[] => {
  const { guards } = (guard ?? {}) as { readonly guards?: readonly unknown[] };
  return (guards ?? []).flatMap((inner) =>
    typeof inner === "string" ? [inner] : [inner, ...askedBy(inner)],
  );
};

export function unknownGuardsWithin(machine: AnyStateMachine): readonly string[] {
  const { guards } = machine.implementations;
  return Object.entries(guards).flatMap(([name, guard]) =>
    askedBy(guard)
      .filter((inner) => typeof inner === "string" && !Object.hasOwn(guards, inner))
      .map((inner) => `${name}: unknown guard ${inner}`),
  );
}

/** Invoked actors that the machine has no implementation for. */
export const unknownActors = (machine: AnyStateMachine): readonly string[] =>
  [...statesOf(machine.root)].flatMap((node) =>
    node.invoke
      .filter(({ src }) => !Object.hasOwn(machine.implementations.actors, String(src)))
      .map(({ id, src }) => `${node.id}: ${id} is an unknown ${src}`),
  );

/** Implementations that nothing in the chart speaks of. */
export function unusedNames(machine: AnyStateMachine): readonly string[] {
  const { actions, guards, delays } = machine.implementations;
  const used = { action: new Set<unknown>(), guard: new Set<unknown>(), delay: new Set<unknown>() };
  for (const { config } of statesOf(machine.root)) {
    for (const action of [...actionsIn(config.entry), ...actionsIn(config.exit)]) {
      used.action.add(action);
    }
    for (const delay of Object.keys(config.after ?? {})) used.delay.add(delay);
    const transitions = [config.on ?? {}, config.after ?? {}, { always: config.always }]
      .flatMap((byEvent) => Object.values(byEvent))
      .flatMap(listed);
    for (const transition of transitions) {
      const { actions: named, guard } = transition as { actions?: unknown; guard?: unknown };
      for (const action of actionsIn(named)) used.action.add(action);
      used.guard.add(guard);
    }
  }
  for (const name of used.guard) {
    for (const inner of askedBy(guards[name as string])) used.guard.add(inner);
  }
  const unused = (kind: keyof typeof used, known: object) =>
    Object.keys(known)
      .filter((name) => !used[kind].has(name))
      .map((name) => `${kind} ${name}`);
  return [...unused("action", actions), ...unused("guard", guards), ...unused("delay", delays)];
}
