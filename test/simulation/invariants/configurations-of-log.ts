import type { SimulatedNode } from "../../../src/simulation/node";
import type { LogIndex } from "../../../src/types";
import type { Invariant } from "../invariant";

/**
 * I12: "a server always uses the latest configuration in its log, regardless of whether the entry
 * is committed" (Raft §6): one whose entry is gone is not in force any more.
 */
export const configurationsOfLog: Invariant = {
  name: "I12 configurations of the log",
  watch: (_, violate) => {
    const inLog = new Map<SimulatedNode, LogIndex[]>();
    return {
      onBooted(node) {
        const entries = node.running?.recovered.entries ?? [];
        const found = entries.filter(({ configuration }) => configuration !== null);
        inLog.set(
          node,
          found.map(({ index }) => index),
        );
      },
      onAppended(node, entries) {
        const first = entries[0]?.index ?? Number.POSITIVE_INFINITY;
        const kept = (inLog.get(node) ?? []).filter((index) => index < first);
        const added = entries.filter(({ configuration }) => configuration !== null);
        inLog.set(node, [...kept, ...added.map(({ index }) => index)]);
      },
      onChanged(node, after, before) {
        if (after.configurations === before?.configurations || node.life.isOver) return;
        const believed = after.configurations.filter(({ index }) => index > 0);
        const told = believed.map(({ index }) => index).join(", ");
        const held = (inLog.get(node) ?? []).join(", ");
        if (told !== held) {
          violate(`node ${node.id} goes by the configurations at ${told}, its log has ${held}`);
        }
      },
    };
  },
};
