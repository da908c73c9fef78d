import { acceptEntries } from "../../../src/machines/raft/rules/replication";
import { type Mutant, ruleOn } from "./mutant";

export const configurationKept: Mutant = {
  id: "M36",
  bug: "A configuration stays in force although its entry was truncated.",
  source: "canonical/raft#250",
  caughtBy: ["I12", "I13"],
  actions: {
    acceptEntries: ruleOn(["AppendEntries"], (context, event) => {
      const honest = acceptEntries(context, event);
      const now = honest.context?.configurations;
      if (now === undefined || now === context.configurations) return honest;
      const added = now.filter((entry) => !context.configurations.includes(entry));
      const configurations = [...context.configurations, ...added];
      return { ...honest, context: { ...honest.context, configurations } };
    }),
  },
  // The first leader's first entry binds the founders, and reaches nobody.
  script: {
    seedsMax: 3,
    play({ kit }) {
      const old = kit.leader();
      kit.isolate(old);
      kit.leader({ except: [old] });
      kit.heal();
      kit.run(1000);
    },
  },
};
