import { demandProgress } from "../liveness";
import { leaveBehind } from "./lagging";
import { type Mutant, ruleOn } from "./mutant";

export const snapshotNeverSent: Mutant = {
  id: "M46",
  bug: "A leader whose log is compacted never sends the snapshot that stands for it.",
  source: "openraft@afd6508b",
  caughtBy: ["L"],
  actions: { offerSnapshot: ruleOn(["replicator.behind"], () => ({})) },
  script: {
    seedsMax: 1,
    play({ kit, run }) {
      leaveBehind(kit);
      demandProgress(run);
    },
  },
};
