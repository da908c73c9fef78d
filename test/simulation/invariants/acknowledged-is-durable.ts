import { raftKinds } from "../../../src/codec/raft-messages";
import type { Invariant } from "../invariant";

/**
 * I11: what a node acknowledges to its leader, a power loss at this moment would not take from it.
 */
export const acknowledgedIsDurable: Invariant = {
  name: "I11 acknowledged is durable",
  watch: (_, violate) => ({
    onSent(sender, sent) {
      if (sent.kind !== raftKinds.AppendEntriesReply || sent.decoded.kind !== "raft") return;
      const { message } = sent.decoded;
      if (message.type !== "AppendEntriesReply" || !message.accepted || !message.counts) return;
      const { durableIndex } = sender.witness;
      if (message.matchIndex > durableIndex) {
        violate(
          `node ${sender.id} acknowledges ${message.matchIndex}, its disk holds ${durableIndex}`,
        );
      }
    },
  }),
};
