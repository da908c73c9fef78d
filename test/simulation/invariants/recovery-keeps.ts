import type { LogWitness } from "../../../src/simulation/log-witness";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { Recovered } from "../../../src/store/ports";
import { snapshotName } from "../../../src/store/snapshot-catalogue";
import type { DiskId, SnapshotInfo } from "../../../src/types";
import type { Invariant } from "../invariant";

/** What the last life left. */
interface Left {
  readonly witness: LogWitness;
  readonly diskId: DiskId | null;
  /** The newest published one. */
  readonly snapshot: SnapshotInfo | null;
}

/**
 * I17: a restart brings back everything that was durable, by the log and the snapshot before it.
 * A snapshot that was damaged is told of, and an older one and the log make up for it. Less comes
 * back only where a disk was damaged, and then the node knows up to where it has forgotten: all
 * that it may have acknowledged.
 */
export const recoveryKeeps: Invariant = {
  name: "I17 recovery keeps what was durable",
  watch: ({ mayForget, rottenOf }, violate) => {
    const left = new Map<SimulatedNode, Left>();
    const checkSnapshots = (node: SimulatedNode, recovered: Recovered, { snapshot }: Left) => {
      const rotten = rottenOf(node);
      const { damagedSnapshots } = recovered;
      const { lastIndex = 0 } = recovered.snapshot?.info ?? {};
      const isKept = snapshot === null || lastIndex >= snapshot.lastIndex;
      if (!isKept && !rotten.has(snapshotName(snapshot))) {
        violate(`node ${node.id} has lost its snapshot of ${snapshot.lastIndex}`);
      }
      if (recovered.snapshot && rotten.has(snapshotName(recovered.snapshot.info))) {
        violate(`node ${node.id} does not notice that its snapshot of ${lastIndex} is damaged`);
      }
      const blamed = damagedSnapshots.find((line) => !isAbout(line, rotten));
      if (blamed) violate(`node ${node.id} finds a sound snapshot damaged: ${blamed}`);
    };
    return {
      onEnded(node) {
        const diskId = node.running?.identity.diskId ?? left.get(node)?.diskId ?? null;
        const { snapshots } = node.running ?? {};
        const known = left.get(node)?.snapshot ?? null;
        const snapshot = snapshots ? (snapshots.published[0] ?? null) : known;
        left.set(node, { witness: node.witness, diskId, snapshot });
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
        if (isSame) checkSnapshots(node, recovered, before);
        if (recovered.forgottenUpTo !== null && !mayForget(node)) {
          violate(`node ${node.id} says it has forgotten what a sound disk must have kept`);
        }
      },
    };
  },
};

const isAbout = (line: string, names: ReadonlySet<string>): boolean =>
  [...names].some((name) => line.includes(name));
