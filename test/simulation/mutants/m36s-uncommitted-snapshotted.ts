import { DelegatingSnapshots } from "../../../src/simulation/delegating-snapshots";
import type { StateCut } from "../../../src/store/state-cut";
import type { Mutant } from "./mutant";

export const uncommittedSnapshotted: Mutant = {
  id: "M36s",
  bug: "A snapshot holds the latest configuration, though its entry is not committed yet.",
  source: "canonical/raft#250",
  caughtBy: ["I13"],
  ports: (ran) => ({
    wrapSnapshots: (snapshots, node) =>
      new (class extends DelegatingSnapshots {
        override write(cut: StateCut, about: Parameters<DelegatingSnapshots["write"]>[1]) {
          const configuration = node.running?.actor.raft.context.configurations.at(-1);
          if (configuration === undefined) return super.write(cut, about);
          ran();
          return super.write(cut, { ...about, configuration });
        }
      })(snapshots),
  }),
  // A leader that is cut off adds a node, in its own log alone.
  script: {
    seedsMax: 1,
    play({ kit }) {
      const leader = kit.leader();
      kit.run(1000);
      kit.set("key", "1").wait();
      kit.isolate(leader);
      kit.addMember(kit.join(), { on: leader });
      kit.run(10);
      kit.takeSnapshot(leader).wait();
    },
  },
};
