import { advanceCommitIndex } from "../../../src/machines/raft/rules/commit";
import { type Mutant, rule } from "./mutant";

export const ownEntriesBeforeFsync: Mutant = {
  id: "M25",
  bug: "A leader counts itself before its own disk has the entries.",
  source: "openraft@a9f696a9, etcd-io/etcd#14370",
  caughtBy: ["I7", "I11"],
  actions: {
    advanceCommitIndex: rule((context) =>
      advanceCommitIndex({ ...context, durableIndex: context.log.lastIndex }),
    ),
  },
};
