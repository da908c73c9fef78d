import { truncateFrom } from "../../../src/machines/log-shape";
import { acceptEntries } from "../../../src/machines/raft/rules/replication";
import { type Mutant, ruleOn } from "./mutant";

export const matchingRewritten: Mutant = {
  id: "M18",
  bug: "Entries that match already are deleted and written again.",
  source: "databendlabs/databend#3914",
  caughtBy: ["I11", "I16", "I7", "I19"],
  actions: {
    acceptEntries: ruleOn(["AppendEntries"], (context, event) => {
      const [first] = event.message.entries;
      if (first === undefined || first.index > context.log.lastIndex) {
        return acceptEntries(context, event);
      }
      const log = truncateFrom(context.log, first.index);
      return acceptEntries({ ...context, log, generation: context.generation + 1 }, event);
    }),
  },
};
