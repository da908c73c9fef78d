import { recordChunkReply } from "../../../src/machines/raft/rules/snapshot";
import { type Mutant, ruleOn } from "./mutant";

export const chunksCounted: Mutant = {
  id: "M22s",
  bug: "An answer to a snapshot's chunk, late or early, counts as if all of it were installed.",
  source: "openraft@cecb5de8, openraft@fbbf37b1, etcd-io/raft@91ff7cd",
  caughtBy: ["I16"],
  actions: {
    recordChunkReply: ruleOn(["InstallSnapshotReply"], (context, event) => {
      const { context: honest } = recordChunkReply(context, event);
      const { leadership } = honest ?? {};
      if (!leadership) return {};
      const { lastIndex } = event.message.snapshot;
      const matchIndex = new Map(leadership.matchIndex).set(event.sender.from, lastIndex);
      return { context: { leadership: { ...leadership, matchIndex } } };
    }),
  },
};
