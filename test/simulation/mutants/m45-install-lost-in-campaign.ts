import { isAwaited } from "../../../src/machines/raft/rules/install-snapshot";
import { demandProgress } from "../liveness";
import { leaveBehind } from "./lagging";
import type { Mutant } from "./mutant";

/** Longer than any election timeout. Units: ms. */
const SLOW_SYNC_MS = 1000;

export const installLostInCampaign: Mutant = {
  id: "M45",
  bug: "A node that campaigns while a snapshot comes in never installs it.",
  source: "canonical/raft@4fbd3c0",
  caughtBy: ["L"],
  guards: {
    isAwaited: ({ context, event }) =>
      event.type === "snapshot.loaded" &&
      context.election === null &&
      isAwaited(context, event.snapshot),
  },
  // The leader is lost to the node that has all of its snapshot, but not on disk yet.
  script: {
    seedsMax: 1,
    play({ kit, run }) {
      const { laggard } = leaveBehind(kit);
      laggard.disk.syncDelayMs = () => SLOW_SYNC_MS;
      kit.heal();
      kit.until(() => laggard.running?.actor.raft.context.receiving !== null);
      kit.isolate(laggard);
      kit.run(SLOW_SYNC_MS * 2);
      demandProgress(run);
    },
  },
};
