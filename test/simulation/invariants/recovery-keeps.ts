import type { LogWitness } from "../../../src/simulation/log-witness";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { DiskId } from "../../../src/types";
import type { Invariant } from "../invariant";

/** What the last life left. */
interface Left {
  readonly witness: LogWitness;
  readonly diskId: DiskId | null;
  /** The last entry of the newest published snapshot; 0 for none. */
  readonly snapshotIndex: number;
}

/**
 * I17: a restart brings back everything that was durable, by the log and the snapshot before it.
 * A snapshot that was damaged is told of, and an older one and the log make up for it. Less only where a disk was damaged, and
 * then the node knows up to where it has forgotten: all that it may have acknowledged.
 */
export const recoveryKeeps: Invariant = {
  name: "I17 recovery keeps what was durable",
  watch: ({ hasRotten, mayForget }, violate) => {
    const left = new Map<SimulatedNode, Left>();
    return {
      onEnded(node) {
        const diskId = node.running?.identity.diskId ?? left.get(node)?.diskId ?? null;
        const known = left.get(node)?.snapshotIndex ?? 0;
        const { snapshots } = node.running ?? {};
        const snapshotIndex = snapshots ? (snapshots.published[0]?.lastIndex ?? 0) : known;
        left.set(node, { witness: node.witness, diskId, snapshotIndex });
      },
      onBooted(node) {
        const before = left.get(node);
        if (!before || !node.running) return;
        const { identity, recovered } = node.running;
        const { durableIndex } = before.witness;
        const isSame = identity.diskId === before.diskId;
        const isWhole = node.witness.chainAt(durableIndex) === before.witness.chainAt(durableIndex);
        if (!isWhole && !mayForget(node)) {
          violate(`node ${node.id} has lost something of its first ${durableIndex} entries`);
        }
        if (!isWhole && isSame && (recovered.forgottenUpTo ?? 0) < durableIndex) {
          violate(`node ${node.id} has lost some of ${durableIndex} entries and does not notice`);
        }
        const isDamaged = recovered.damagedSnapshots.length > 0;
        const snapshotIndex = recovered.snapshot?.info.lastIndex ?? 0;
        if (isSame && !hasRotten(node) && (isDamaged || snapshotIndex < before.snapshotIndex)) {
          violate(`node ${node.id} has lost its snapshot of ${before.snapshotIndex}`);
        }
        if (recovered.forgottenUpTo !== null && !mayForget(node)) {
          violate(`node ${node.id} says it has forgotten what a sound disk must have kept`);
        }
      },
    };
  },
};
