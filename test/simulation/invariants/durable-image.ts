import type { SimulatedDisk } from "../../../src/simulation/disk";
import type { DiskOperation } from "../../../src/simulation/disk-faults";
import { LogWitness } from "../../../src/simulation/log-witness";
import type { SimulatedNode } from "../../../src/simulation/node";
import { KvProjection } from "../../../src/store/kv-projection";
import { openStore } from "../../../src/store/open-store";
import { diskId, indexPlus } from "../../../src/types";
import type { Invariant } from "../invariant";

/** A start takes a while, so only some moments are looked at. */
const LOOK_CHANCE = 0.02;
/** What changes which files there are: between two of these a crash hurts most. */
const turns: ReadonlySet<DiskOperation["kind"]> = new Set([
  "create",
  "rename",
  "remove",
  "syncDirectory",
]);

/**
 * I17: whenever the power fails, what the disk holds for certain is enough to go on from: a
 * snapshot and a log that goes on from it, with every entry that was durable, and nothing to
 * complain about.
 */
export const durableImage: Invariant = {
  name: "I17 durable image",
  watch: ({ cluster, fold, ghost, mayForget, rottenOf }, violate) => {
    const random = cluster.random.fork("durable images");
    const check = (node: SimulatedNode, image: SimulatedDisk) => {
      const { recovered, store, projection } = start(node, image);
      const { baseIndex, lastIndex } = store;
      const first = indexPlus(baseIndex, 1);
      const entries = lastIndex > baseIndex ? store.read(first, lastIndex, ALL) : [];
      const witness = new LogWitness(image, entries, recovered.base, (index) =>
        ghost.committedChain(index),
      );
      const { durableIndex } = node.witness;
      if (witness.chainAt(durableIndex) !== node.witness.chainAt(durableIndex)) {
        violate(`node ${node.id} would lose something of its first ${durableIndex} entries`);
      }
      const [damaged] = recovered.damagedSnapshots;
      if (damaged) violate(`node ${node.id} would find a snapshot damaged: ${damaged}`);
      if (!fold.isTrue(projection)) violate(`node ${node.id} would begin with another state`);
    };
    const start = (node: SimulatedNode, image: SimulatedDisk) => {
      const { clusterId, founders, idempotencyLimits, storeLimits } = cluster.recipe;
      try {
        return openStore(image.mount({ setTimeout: () => null }), {
          nodeId: node.id,
          clusterId,
          founders,
          drawDiskId: () => diskId("image"),
          onDurable: () => {},
          onFatal: (error) => violate(`node ${node.id} could not start: ${error}`),
          limits: storeLimits,
          makeProjection: () => new KvProjection(idempotencyLimits),
        });
      } catch (error) {
        return violate(`node ${node.id} could not start again: ${error}`);
      }
    };
    return {
      onDiskOperation(node, { kind }) {
        if (!turns.has(kind) || !random.chance(LOOK_CHANCE)) return;
        if (mayForget(node) || rottenOf(node, "a power loss").size > 0) return;
        check(node, node.disk.durableCopy());
      },
    };
  },
};

const ALL = Number.POSITIVE_INFINITY;
