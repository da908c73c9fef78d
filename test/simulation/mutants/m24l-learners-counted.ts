import { termAt } from "../../../src/machines/log-shape";
import { quorumValue } from "../../../src/machines/quorum";
import { configurationOf } from "../../../src/machines/raft/context";
import { nothing } from "../../../src/machines/raft/rule";
import { logIndex, membersOf } from "../../../src/types";
import { addLearner } from "./growing";
import { type Mutant, rule } from "./mutant";

export const learnersCounted: Mutant = {
  id: "M24l",
  bug: "Learners are counted like voters: an entry is committed that no majority of voters has.",
  source: "MicroRaft@c768342",
  caughtBy: ["I7"],
  actions: {
    advanceCommitIndex: rule((context) => {
      const { leadership } = context;
      if (leadership === null) return nothing;
      const held = membersOf(configurationOf(context)).map(({ id }) =>
        id === context.id ? context.durableIndex : (leadership.matchIndex.get(id) ?? 0),
      );
      const commitIndex = logIndex(quorumValue(held));
      if (commitIndex <= context.commitIndex) return nothing;
      if (termAt(context.log, commitIndex) !== context.currentTerm) return nothing;
      return { context: { commitIndex }, effects: [{ type: "applyCommitted", commitIndex }] };
    }),
  },
  // The leader is left with its learners.
  script: {
    seedsMax: 1,
    play({ kit }) {
      const learners = [addLearner(kit), addLearner(kit)];
      const leader = kit.leader();
      kit.partition([leader, ...learners]);
      kit.set("key", "1", { on: leader });
      kit.run(1000);
    },
  },
};
