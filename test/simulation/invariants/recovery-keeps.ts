import type { LogWitness } from "../../../src/simulation/log-witness";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { Invariant } from "../invariant";

/**
 * I17: a restart brings back everything that was durable; less only where a disk was damaged, and
 * then the node says that it has forgotten.
 */
export const recoveryKeeps: Invariant = {
  name: "I17 recovery keeps what was durable",
  watch: ({ mayForget }, violate) => {
    const witnesses = new Map<SimulatedNode, LogWitness>();
    return {
      onEnded(node) {
        witnesses.set(node, node.witness);
      },
      onBooted(node) {
        const before = witnesses.get(node);
        if (!before || mayForget(node)) return;
        const { durableIndex } = before;
        if (node.witness.chainAt(durableIndex) !== before.chainAt(durableIndex)) {
          violate(`node ${node.id} has lost something of its first ${durableIndex} entries`);
        }
        if (node.running?.recovered.forgottenUpTo !== null) {
          violate(`node ${node.id} says it has forgotten what a sound disk must have kept`);
        }
      },
    };
  },
};
