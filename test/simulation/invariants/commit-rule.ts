import { votersOf } from "../../../src/machines/raft/context";
import type { Invariant } from "../invariant";

/**
 * I7: a leader commits an entry only of its current term by counting (§5.4.2), and only when it and
 * everything before it is on the disks of a majority of the voters in force: truly, not as claimed,
 * and of voters alone: whoever only learns has no say.
 */
export const commitRule: Invariant = {
  name: "I7 commit rule",
  watch: ({ ghost }, violate) => ({
    onChanged(node, after, before) {
      if (before === null || after.commitIndex === before.commitIndex) return;
      const led = after.leadership === null ? before : after;
      if (led.leadership === null) return;
      const index = after.commitIndex;
      // Deposed in this very event, it may have learnt of its successor's commits: see I9.
      if (after.leadership === null && index <= ghost.committedIndex) return;
      const term = node.witness.termAt(index);
      if (term !== led.currentTerm) {
        violate(`leader ${node.id} of term ${led.currentTerm} commits entry ${index} of ${term}`);
      }
      if (!ghost.isOnQuorum(votersOf(led), index, node.witness.chainAt(index))) {
        violate(`leader ${node.id} commits entry ${index}, which no quorum has on its disks`);
      }
      ghost.commit(node, led, index);
    },
  }),
};
