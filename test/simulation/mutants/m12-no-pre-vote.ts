import { peersOf } from "../../../src/machines/raft/context";
import { beginPreCampaign } from "../../../src/machines/raft/rules/pre-vote";
import { type Mutant, rule } from "./mutant";
import { stableTerms } from "./stable-terms";

export const noPreVote: Mutant = {
  id: "M12",
  bug: "A node that hears nobody campaigns for ever, and each time enters a new term.",
  source: "tigerbeetle.com/blog/2023-07-06-simulation-testing-for-liveness",
  caughtBy: ["I2 campaign", "L stable terms"],
  actions: {
    beginPreCampaign: rule((context) => {
      const { context: begun } = beginPreCampaign(context);
      const granted = new Set([context.id, ...peersOf(context)]);
      return { context: { ...begun, election: { granted, transfer: false } } };
    }),
  },
  // It can speak and hears nothing; its links do not notice.
  script: {
    seedsMax: 3,
    play(stage) {
      const { kit, run } = stage;
      const leader = kit.leader();
      kit.run(1000);
      const [deaf] = kit.others(leader);
      if (deaf === undefined) throw new Error("three nodes");
      const { faults } = run.cluster.network;
      run.cluster.network.faults = { ...faults, silenceMsMax: Number.MAX_SAFE_INTEGER };
      for (const other of kit.others(deaf)) kit.cut(other, deaf);
      stableTerms(stage, 3000);
    },
  },
};
