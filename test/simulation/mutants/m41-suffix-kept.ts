import { installSnapshot } from "../../../src/machines/raft/rules/install-snapshot";
import { compact } from "./lagging";
import { type Mutant, ruleOn } from "./mutant";

export const suffixKept: Mutant = {
  id: "M41",
  bug: "Entries behind an installed snapshot are kept although the log before them is another.",
  source: "hashicorp/raft#697, databendlabs/openraft#559",
  caughtBy: ["I5", "I9", "I10", "I11", "L"],
  actions: {
    installSnapshot: ruleOn(["snapshot.loaded"], (context, event) => {
      const honest = installSnapshot(context, event);
      const { snapshot } = event;
      if (context.log.lastIndex <= snapshot.lastIndex) return honest;
      const { generation, log } = context;
      const effects = [{ type: "installSnapshot", snapshot, replacesLog: false } as const];
      return { context: { ...honest.context, generation, log }, effects };
    }),
  },
  // What an old leader has appended in vain reaches beyond the snapshot that it is sent.
  script: {
    seedsMax: 3,
    play({ kit }) {
      const old = kit.leader();
      kit.run(1000);
      kit.isolate(old);
      for (let count = 0; count < 20; count++) kit.set("key", `lost-${count}`, { on: old });
      compact(kit, kit.leader({ except: [old] }));
      kit.heal();
      kit.run(2000);
    },
  },
};
