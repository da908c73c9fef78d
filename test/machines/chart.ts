import type { AnyStateMachine, AnyStateNode } from "xstate";

/** All states of a chart, the root included. */
export function* statesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node;
  for (const child of Object.values(node.states)) yield* statesOf(child);
}

/** The names in an `entry`, `exit` or `actions`. */
export const actionsIn = (value: unknown): readonly unknown[] => [value ?? []].flat();

/** Everything in `machine`'s own configuration that is not a name it has an implementation for. */
export function unknownNames(machine: AnyStateMachine): readonly string[] {
  const { actions, guards, delays } = machine.implementations;
  const problems: string[] = [];
  const demand = (kind: string, name: unknown, known: object, where: string) => {
    if (typeof name !== "string") problems.push(`${where}: an anonymous ${kind}`);
    else if (!Object.hasOwn(known, name)) problems.push(`${where}: unknown ${kind} ${name}`);
  };
  for (const node of statesOf(machine.root)) {
    const where = node.id;
    for (const name of [...actionsIn(node.config.entry), ...actionsIn(node.config.exit)]) {
      demand("action", name, actions, where);
    }
    for (const delay of Object.keys(node.config.after ?? {})) demand("delay", delay, delays, where);
    const transitions = [
      ...Object.values(node.config.on ?? {}),
      ...Object.values(node.config.after ?? {}),
      node.config.always ?? [],
    ].flatMap(actionsIn);
    for (const transition of transitions) {
      if (typeof transition !== "object" || transition === null) continue;
      const { actions: named, guard } = transition as { actions?: unknown; guard?: unknown };
      for (const name of actionsIn(named)) demand("action", name, actions, where);
      if (guard !== undefined) demand("guard", guard, guards, where);
    }
  }
  return problems;
}

/**
 * State × event pairs of the leaves that nothing in the chart speaks of. Final states excepted. Of
 * regions side by side it is enough that one speaks of the event, wherever it is.
 */
export function unhandledEvents(
  machine: AnyStateMachine,
  events: readonly string[],
): readonly string[] {
  const silentLeaves = (node: AnyStateNode, event: string): readonly AnyStateNode[] => {
    if (Object.hasOwn(node.config.on ?? {}, event) || node.type === "final") return [];
    if (node.type === "atomic") return [node];
    const parts = Object.values(node.states).map((child) => silentLeaves(child, event));
    const isSpokenOf = node.type === "parallel" && parts.some((leaves) => leaves.length === 0);
    return isSpokenOf ? [] : parts.flat();
  };
  return events
    .flatMap((event) => silentLeaves(machine.root, event).map((leaf) => `${leaf.id} × ${event}`))
    .sort();
}
