import type { Consequence } from "../../../src/machines/raft/rule";
import { requestRead } from "../../../src/machines/raft/rules/read-index";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import { logIndex } from "../../../src/types";
import { type Mutant, ruleOn } from "./mutant";

export const readBeforeCommit: Mutant = {
  id: "M47",
  bug: "A new leader takes a read index before it has committed anything in its term.",
  source: "etcd-io/etcd#7331, RedisLabs/redisraft#22",
  caughtBy: ["I15 read index", "I14 I15"],
  actions: {
    requestRead: ruleOn(["client.readRequested"], (context, event) =>
      withTruth(context, requestRead(withoutFirstIndex(context), event)),
    ),
  },
  // The heir holds an answered write and does not know that it is committed.
  script: {
    seedsMax: 20,
    // A round is answered before the disk has the term's first entry.
    setup: { syncMsMean: 40 },
    play({ kit, read }) {
      const old = kit.leader();
      kit.run(1000);
      kit.set("key", "kept", { on: old }).wait();
      kit.losePower(old);
      const heir = kit.leader({ except: [old] });
      read(heir);
      kit.run(500);
    },
  },
};

/** As if the term's first entry were committed. */
function withoutFirstIndex(context: RaftContext): RaftContext {
  const { leadership } = context;
  return { ...context, leadership: leadership && { ...leadership, firstIndex: logIndex(0) } };
}

function withTruth({ leadership }: RaftContext, consequence: Consequence): Consequence {
  const changed = consequence.context?.leadership;
  if (!changed || leadership === null) return consequence;
  const { firstIndex } = leadership;
  return {
    ...consequence,
    context: { ...consequence.context, leadership: { ...changed, firstIndex } },
  };
}
