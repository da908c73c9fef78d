import type { SimulatedNode } from "../../../src/simulation/node";
import { KvProjection } from "../../../src/store/kv-projection";
import { SnapshotDamagedError } from "../../../src/store/ports";
import { snapshotName } from "../../../src/store/snapshot-catalogue";
import { loadSnapshot } from "../../../src/store/snapshot-loader";
import { isSameSnapshot, type SnapshotInfo } from "../../../src/types";
import { configurationText } from "../fold";
import type { Invariant } from "../invariant";

/**
 * I13: a snapshot holds what the committed log up to its last entry folds to: keys, revisions and
 * remembered answers, and the configuration in force. Each file is read as soon as it has its name,
 * as the disk would hold it after a power loss.
 */
export const snapshotIsFold: Invariant = {
  name: "I13 a snapshot is the fold",
  watch: ({ cluster, fold }, violate) => {
    const { clusterId, idempotencyLimits } = cluster.recipe;
    const read = (node: SimulatedNode, info: SnapshotInfo) => {
      const name = snapshotName(info);
      const file = node.disk.durableFile(name)?.durableCopy();
      if (!file) return violate(`node ${node.id} has no durable ${name}`);
      const makeProjection = () => new KvProjection(idempotencyLimits);
      const size = () => file.size;
      const source = { path: name, size, read: file.read.bind(file) };
      try {
        return loadSnapshot({ file: source, expected: { ...info, clusterId }, makeProjection });
      } catch (error) {
        if (!(error instanceof SnapshotDamagedError)) throw error;
        return violate(`node ${node.id}: ${error.message}`);
      }
    };
    const check = (node: SimulatedNode, info: SnapshotInfo) => {
      const { head, state } = read(node, info);
      const told = `node ${node.id}'s snapshot of ${info.lastIndex}`;
      if (state.appliedIndex !== info.lastIndex || !fold.isTrue(state)) {
        violate(`${told} holds another state than the log folds to`);
      }
      const due = fold.configurationsAt(info.lastIndex).slice(-1).map(configurationText).join();
      const held = configurationText(head.configuration);
      if (held !== due) violate(`${told} holds the configuration ${held}, not ${due}`);
    };
    return {
      onChanged(node, { snapshot }, before) {
        if (snapshot === null || snapshot === before?.snapshot || node.life.isOver) return;
        const [newest] = node.running?.snapshots.published ?? [];
        if (!newest || !isSameSnapshot(newest, snapshot)) {
          return violate(`node ${node.id} believes in a snapshot of ${snapshot.lastIndex}`);
        }
        check(node, newest);
      },
    };
  },
};
