import type { Mutant } from "./mutant";
import { stableTerms } from "./stable-terms";

export const noLease: Mutant = {
  id: "M11",
  bug: "Followers that hear a leader still vote for others: two who cannot meet depose each other.",
  source: "blog.cloudflare.com/a-byzantine-failure-in-the-real-world",
  caughtBy: ["L stable terms"],
  guards: { isWithinLease: () => false },
  // Two nodes reach the third and not each other.
  script: {
    seedsMax: 3,
    play(stage) {
      const leader = stage.kit.leader();
      stage.kit.run(1000);
      const [other] = stage.kit.others(leader);
      if (other === undefined) throw new Error("three nodes");
      stage.kit.cut(leader, other);
      stage.kit.cut(other, leader);
      stableTerms(stage, 5000);
    },
  },
};
