import { addLearner } from "./growing";
import type { Mutant } from "./mutant";

/** In each the learner may be the first of three to campaign. */
const ROUNDS = 12;

export const learnerCampaigns: Mutant = {
  id: "M61",
  bug: "A learner that hears no leader campaigns.",
  source: "hashicorp/raft#398",
  caughtBy: ["I2 campaign"],
  guards: { mayCampaign: () => true },
  // Leader after leader is gone, and all others hear of it at once.
  script: {
    seedsMax: 3,
    play({ kit }) {
      addLearner(kit);
      for (let round = 0; round < ROUNDS; round++) {
        const leader = kit.leader();
        kit.losePower(leader);
        kit.leader({ except: [leader] });
        kit.boot(leader);
        kit.run(1000);
      }
    },
  },
};
