import type { SimulatedNode } from "../../../src/simulation/node";
import type { EntrySummary } from "../../../src/store/ports";
import { type ConfigurationEntry, type LogIndex, logIndex } from "../../../src/types";
import { configurationText } from "../fold";
import type { Invariant } from "../invariant";

/**
 * I12: "a server always uses the latest configuration in its log, regardless of whether the entry
 * is committed" (Raft §6): one whose entry is gone is not in force any more. A snapshot stands for
 * the committed log: of its configurations the one in force at its end is still to be known.
 */
export const configurationsOfLog: Invariant = {
  name: "I12 configurations of the log",
  watch: ({ fold }, violate) => {
    const inLog = new Map<SimulatedNode, readonly ConfigurationEntry[]>();
    const note = (node: SimulatedNode, first: number, entries: readonly InLog[]) => {
      const kept = (inLog.get(node) ?? []).filter(({ index }) => index < first);
      const added = entries.flatMap(({ configuration, index }) =>
        configuration === null ? [] : [{ configuration, index }],
      );
      inLog.set(node, [...kept, ...added]);
    };
    /** All that are in a node's log or in what its snapshot stands for, the founders' first. */
    const heldBy = (node: SimulatedNode, snapshotIndex: LogIndex) => {
      const behind = (inLog.get(node) ?? []).filter(
        ({ index }) => index > snapshotIndex && index <= node.witness.lastIndex,
      );
      return [...fold.configurationsAt(snapshotIndex), ...behind];
    };
    return {
      onBooted(node) {
        note(node, 0, node.running?.recovered.entries ?? []);
      },
      onAppended(node, entries) {
        note(node, entries[0]?.index ?? Number.POSITIVE_INFINITY, entries);
      },
      onChanged(node, { configurations, snapshot }, before) {
        const isSame = configurations === before?.configurations && snapshot === before.snapshot;
        if (isSame || node.life.isOver) return;
        const snapshotIndex = snapshot?.lastIndex ?? NONE;
        const held = heldBy(node, snapshotIndex).map(configurationText);
        const believed = configurations.map(configurationText);
        const known = believed.join("; ");
        if (held.slice(-believed.length).join("; ") !== known) {
          violate(`node ${node.id} goes by ${known}; its log has ${held.join("; ")}`);
        }
        if ((configurations[0]?.index ?? NONE) > snapshotIndex) {
          violate(`node ${node.id} knows ${known} and nothing of ${snapshotIndex}`);
        }
      },
    };
  },
};

type InLog = Pick<EntrySummary, "configuration" | "index">;
const NONE = logIndex(0);
