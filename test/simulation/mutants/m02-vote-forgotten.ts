import { followLeader } from "../../../src/machines/raft/rules/replication";
import { type Mutant, ruleOn } from "./mutant";

export const voteForgotten: Mutant = {
  id: "M02",
  bug: "A leader's message of the same term clears the vote.",
  source: "microsoft/CCF#8094, redpanda-data/redpanda#14, ktoso/akka-raft#56",
  caughtBy: ["I1", "I3"],
  actions: {
    followLeader: ruleOn(["AppendEntries"], (context, event) => ({
      context: { ...followLeader(context, event).context, votedFor: null },
    })),
  },
};
