import { appendRun } from "../../../src/machines/log-shape";
import { all } from "../../../src/machines/raft/rule";
import { leaveOffice } from "../../../src/machines/raft/rules/office";
import { indexPlus } from "../../../src/types";
import { type Mutant, rule } from "./mutant";

export const writtenInAnotherTerm: Mutant = {
  id: "M27",
  bug: "Work that a leader had under way is written under the term that has deposed it.",
  source: "hashicorp/raft#695, camunda/camunda#5360, camunda/camunda#6346, redpanda#3003",
  caughtBy: ["I4", "I8", "I1"],
  actions: {
    leaveOffice: rule((context) => {
      const { currentTerm: term, generation } = context;
      const firstIndex = indexPlus(context.log.lastIndex, 1);
      const log = appendRun(context.log, { term, byteLengths: [32] });
      const drafts = [{ kind: "noop" }] as const;
      const late = { type: "appendDrafts", term, firstIndex, drafts, generation } as const;
      return all(leaveOffice(context), { context: { log }, effects: [late] });
    }),
  },
};
