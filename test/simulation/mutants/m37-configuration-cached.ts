import { installSnapshot } from "../../../src/machines/raft/rules/install-snapshot";
import { compact } from "./lagging";
import { type Mutant, ruleOn } from "./mutant";

export const configurationCached: Mutant = {
  id: "M37",
  bug: "The configuration that was in force before an installed snapshot stays in force.",
  source: "databendlabs/openraft#1808",
  caughtBy: ["I12", "I13"],
  actions: {
    installSnapshot: ruleOn(["snapshot.loaded"], (context, event) => {
      const honest = installSnapshot(context, event);
      const { configurations } = context;
      return { ...honest, context: { ...honest.context, configurations } };
    }),
  },
  // One node has not heard of the entry that binds the others to their disks.
  script: {
    seedsMax: 1,
    play({ kit }) {
      const late = kit.node(3);
      kit.isolate(late);
      compact(kit, kit.leader());
      kit.heal();
      kit.run(2000);
    },
  },
};
