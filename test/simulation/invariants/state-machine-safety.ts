import { chainOf } from "../../../src/simulation/log-witness";
import type { SimulatedNode } from "../../../src/simulation/node";
import { logIndex } from "../../../src/types";
import type { Invariant } from "../invariant";

/** The state is compared after every so many entries: the same ones on every node. */
const STATE_HASH_EVERY = 8;

/**
 * I8: "if a server has applied a log entry at a given index to its state machine, no other server
 * will ever apply a different log entry for the same index" (Raft figure 3); and the state after it
 * is what the log folds to, whether it came about by entries or by a snapshot.
 */
export const stateMachineSafety: Invariant = {
  name: "I8 state machine safety",
  watch: ({ fold, ghost }, violate) => {
    const appliedChains: number[] = [];
    const checkState = ({ id, running }: SimulatedNode) => {
      if (!running || fold.isTrue(running.projection)) return;
      violate(`node ${id} has another state after entry ${running.projection.appliedIndex}`);
    };
    return {
      onBooted: checkState,
      onChanged(node, { snapshot }, before) {
        if (snapshot !== before?.snapshot && !node.life.isOver) checkState(node);
      },
      onApplied(node, entry) {
        const { index } = entry;
        const { witness } = node;
        const chain = witness.chainAt(index);
        const before = witness.chainAt(logIndex(index - 1));
        if (chain === undefined || before === undefined || chainOf(before, entry) !== chain) {
          violate(`node ${node.id} applies an entry ${index} that its log does not hold`);
        }
        const known = appliedChains[index] ?? ghost.committedChain(index) ?? chain;
        if (known !== chain) violate(`node ${node.id} applies another entry ${index}`);
        if (known !== undefined) appliedChains[index] = known;
        if (index % STATE_HASH_EVERY === 0) checkState(node);
      },
    };
  },
};
