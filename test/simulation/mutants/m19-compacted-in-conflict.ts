import { acceptEntries } from "../../../src/machines/raft/rules/replication";
import { type Mutant, ruleOn } from "./mutant";

export const compactedInConflict: Mutant = {
  id: "M19",
  bug: "An entry that was compacted is taken for one in conflict, and replaced.",
  source: "databendlabs/openraft#511",
  caughtBy: ["I8", "I11", "I19"],
  actions: {
    acceptEntries: ruleOn(["AppendEntries"], (context, event) => {
      const { entries } = event.message;
      const [first] = entries;
      if (first === undefined || first.index > context.log.baseIndex) {
        return acceptEntries(context, event);
      }
      const generation = context.generation + 1;
      return { context: { generation }, effects: [{ type: "appendEntries", entries, generation }] };
    }),
  },
};
