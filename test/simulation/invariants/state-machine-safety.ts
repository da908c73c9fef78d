import { chainOf } from "../../../src/simulation/log-witness";
import type { SimulatedNode } from "../../../src/simulation/node";
import { type LogIndex, logIndex } from "../../../src/types";
import type { Invariant } from "../invariant";

/** The state is compared after every so many entries: the same ones on every node. */
const STATE_HASH_EVERY = 8;

/**
 * I8: "if a server has applied a log entry at a given index to its state machine, no other server
 * will ever apply a different log entry for the same index" (Raft figure 3); and the state after it
 * is the same everywhere.
 */
export const stateMachineSafety: Invariant = {
  name: "I8 state machine safety",
  watch: ({ ghost }, violate) => {
    const appliedChains: number[] = [];
    const stateHashes = new Map<LogIndex, string>();
    const checkState = (node: SimulatedNode, index: LogIndex) => {
      const hash = node.running?.projection.stateHash ?? "";
      const known = stateHashes.get(index) ?? hash;
      if (known !== hash) violate(`node ${node.id} has another state after entry ${index}`);
      stateHashes.set(index, hash);
    };
    return {
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
        if (index % STATE_HASH_EVERY === 0) checkState(node, index);
      },
    };
  },
};
