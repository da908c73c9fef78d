import type { NodeId } from "../../../src/types";
import { addLearner } from "./growing";
import { type Mutant, ruleOn } from "./mutant";

export const transferToLearner: Mutant = {
  id: "M38l",
  bug: "The office is handed to a learner, for which nobody may vote.",
  source: "databendlabs/openraft#1805, etcd-io/etcd#11326",
  caughtBy: ["L transfer"],
  guards: { hasTransferTarget: ({ event }) => "to" in event && event.to !== null },
  actions: {
    beginTransfer: ruleOn(["transfer.requested"], ({ leadership }, { to }) => ({
      context: { leadership: leadership && { ...leadership, transferTo: to as NodeId } },
    })),
  },
  script: {
    seedsMax: 1,
    play({ kit, run }) {
      const { id: to } = addLearner(kit);
      const { life, running } = kit.leader();
      run.cluster.act(() =>
        life.run(() => running?.actor.raft.step({ type: "transfer.requested", to })),
      );
      kit.run(500);
    },
  },
};
