import { recordReply } from "../../../src/machines/raft/rules/replication";
import { type Mutant, ruleOn } from "./mutant";

export const staleReplies: Mutant = {
  id: "M22",
  bug: "A late reply moves matchIndex back.",
  source: "openraft@cecb5de8, openraft@fbbf37b1, etcd-io/raft@91ff7cd",
  caughtBy: ["I16", "L"],
  actions: {
    recordReply: ruleOn(["AppendEntriesReply"], (context, event) => {
      const { message, sender } = event;
      const { context: honest } = recordReply(context, event);
      const leadership = honest?.leadership ?? context.leadership;
      if (!leadership || !message.accepted || !message.counts)
        return { ...(honest && { context: honest }) };
      const matchIndex = new Map(leadership.matchIndex).set(sender.from, message.matchIndex);
      return { context: { leadership: { ...leadership, matchIndex } } };
    }),
  },
};
