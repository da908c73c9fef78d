import { acknowledge } from "../../../src/machines/raft/rules/replication";
import { type Mutant, ruleOn } from "./mutant";

export const ackBeforeFsync: Mutant = {
  id: "M54",
  bug: "Entries that are not on disk yet are acknowledged when they come a second time.",
  source: "yugabyte/yugabyte-db#32875, nats-io/nats-server#7564",
  caughtBy: ["I11"],
  actions: {
    acknowledgeKnown: ruleOn(["AppendEntries"], (context) =>
      acknowledge({ ...context, durableIndex: context.log.lastIndex }),
    ),
  },
};
