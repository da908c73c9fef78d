import { DelegatingSnapshots } from "../../../src/simulation/delegating-snapshots";
import type { StateCut } from "../../../src/store/state-cut";
import { logIndex } from "../../../src/types";
import type { Mutant } from "./mutant";

export const configurationLeftOut: Mutant = {
  id: "M35",
  bug: "The configuration is left out of a snapshot: whoever restores it goes by the founders'.",
  source: "etcd-io/raft@e515a67, @bd3c759",
  caughtBy: ["I13"],
  ports: (ran) => ({
    wrapSnapshots: (snapshots, node) =>
      new (class extends DelegatingSnapshots {
        override write(cut: StateCut, about: Parameters<DelegatingSnapshots["write"]>[1]) {
          const { founders } = node.running?.identity ?? {};
          if (founders === undefined) return super.write(cut, about);
          ran();
          const configuration = { index: logIndex(0), configuration: founders };
          return super.write(cut, { ...about, configuration });
        }
      })(snapshots),
  }),
};
