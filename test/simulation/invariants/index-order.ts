import type { Invariant } from "../invariant";

/**
 * I10: base <= snapshot <= applied <= commit <= last, and the chart's log is the log that is
 * written: nothing is cut off that no snapshot here stands for.
 */
export const indexOrder: Invariant = {
  name: "I10 order of indexes",
  watch: (_, violate) => ({
    onChanged(node, { commitIndex, durableIndex, log, snapshot }) {
      // Who dies in the middle of a step has decided more than it has done.
      if (node.life.isOver) return;
      const { lastIndex } = node.witness;
      const applied = node.running?.actor.appliedIndex ?? 0;
      const snapshotIndex = snapshot?.lastIndex ?? 0;
      if (log.baseIndex > snapshotIndex) {
        violate(`node ${node.id} has cut its log to ${log.baseIndex}, snapshot ${snapshotIndex}`);
      }
      if (log.baseIndex !== node.running?.log.baseIndex) {
        violate(`node ${node.id} believes in a log behind ${log.baseIndex}`);
      }
      if (snapshotIndex > applied) {
        violate(`node ${node.id} has a snapshot of ${snapshotIndex}, applied ${applied}`);
      }
      if (applied > commitIndex) violate(`node ${node.id} applied ${applied} of ${commitIndex}`);
      if (commitIndex > log.lastIndex) {
        violate(`node ${node.id} has ${commitIndex} committed and ends with ${log.lastIndex}`);
      }
      if (durableIndex > log.lastIndex) {
        violate(`node ${node.id} has ${durableIndex} durable and ends with ${log.lastIndex}`);
      }
      if (log.lastIndex !== lastIndex || log.lastTerm !== node.witness.termAt(lastIndex)) {
        violate(`node ${node.id} believes in a log up to ${log.lastIndex}, it has ${lastIndex}`);
      }
    },
  }),
};
