import { demandSuccessor } from "../room";
import type { Mutant } from "./mutant";

export const fullDiskLeads: Mutant = {
  id: "M59f",
  bug: "A leader whose disk is full leads on, though all others have room.",
  source: "ours: what promise 6 lacked until it was tried",
  caughtBy: ["L room"],
  guards: { shouldMakeWay: () => false },
  script: {
    seedsMax: 1,
    play({ kit, run }) {
      kit.leader();
      kit.set("key", "on all disks").wait();
      kit.run(1000);
      demandSuccessor(run, kit.nodes);
    },
  },
};
