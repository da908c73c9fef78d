import { raftKinds } from "../../../src/codec/raft-messages";
import { isVoter } from "../../../src/machines/raft/context";
import { contextOf, type Invariant } from "../invariant";

/**
 * Thesis §3.10: the leader "fully updates the target server's log", and only then sends TimeoutNow:
 * a server that lags behind would campaign in vain while nobody serves, and so would a learner.
 */
export const transferTarget: Invariant = {
  name: "L transfer to an up-to-date server",
  watch: ({ cluster, mayForget }, violate) => ({
    onSent(sender, sent) {
      if (sent.kind !== raftKinds.TimeoutNow) return;
      const target = cluster.node(sent.to);
      const { lastIndex } = sender.witness;
      if (!isVoter(contextOf(sender), sent.to)) {
        violate(`leader ${sender.id} hands over to ${sent.to}, which is no voter`);
      }
      if (mayForget(target) || mayForget(sender)) return;
      if (target.witness.chainAt(lastIndex) === sender.witness.chainAt(lastIndex)) return;
      violate(`leader ${sender.id} hands over to ${sent.to}, which lacks entry ${lastIndex}`);
    },
  }),
};
