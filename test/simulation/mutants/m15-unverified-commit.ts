import { acceptEntries } from "../../../src/machines/raft/rules/replication";
import { logIndex } from "../../../src/types";
import { type Mutant, ruleOn } from "./mutant";

export const unverifiedCommit: Mutant = {
  id: "M15",
  bug: "A follower commits what it has up to leaderCommit, verified or not.",
  source: "microsoft/CCF#8172, scylladb/scylladb#9965, atomix/copycat#265, rabbitmq/ra#508",
  caughtBy: ["I9"],
  actions: {
    acceptEntries: ruleOn(["AppendEntries"], (context, event) => {
      const honest = acceptEntries(context, event);
      const log = honest.context?.log ?? context.log;
      const reached = Math.min(event.message.leaderCommit, log.lastIndex);
      const commitIndex = logIndex(Math.max(context.commitIndex, reached));
      return { ...honest, context: { ...honest.context, commitIndex } };
    }),
  },
  // A deposed leader has a tail of its own; of its successor's messages only empty ones arrive.
  script: {
    seedsMax: 40,
    play({ kit, run, read }) {
      const old = kit.leader();
      kit.run(1000);
      kit.isolate(old);
      for (let count = 0; count < 20; count++) kit.set("key", `lost-${count}`, { on: old });
      const next = kit.leader({ except: [old] });
      for (let count = 0; count < 5; count++) kit.set("key", `kept-${count}`, { on: next }).wait();
      kit.heal();
      run.cluster.network.faults = { ...run.cluster.network.faults, dropProbability: 0.4 };
      for (let count = 0; count < 100; count++) {
        read(next);
        kit.run(4);
      }
    },
  },
};
