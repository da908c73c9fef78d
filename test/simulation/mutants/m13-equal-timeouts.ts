import { type Mutant, rule } from "./mutant";

export const equalTimeouts: Mutant = {
  id: "M13",
  bug: "All nodes draw the same election timeouts, and split the vote again and again.",
  source: "hashicorp/raft@cda1ee8",
  caughtBy: ["L progress"],
  actions: {
    drawElectionTimeout: rule(({ timing }) => ({
      context: { electionDelayMs: timing.electionTimeoutMs },
    })),
  },
  // On equal machines; whoever draws a time of its own is elected at the first attempt.
  script: {
    seedsMax: 2,
    play({ kit, run }) {
      for (const node of kit.nodes) node.disk.syncDelayMs = () => 1;
      const { electionTimeoutMs } = run.scenario.setup.timing;
      const ms = ATTEMPTS_MAX * 2 * electionTimeoutMs;
      if (run.cluster.runUntil(() => run.cluster.leader() !== null, ms)) return;
      run.cluster.violate("L progress", `nobody is elected within ${ms} ms`);
    },
  },
};

/** Longest election timeouts until somebody leads. */
const ATTEMPTS_MAX = 1;
