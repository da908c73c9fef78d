import { termAt } from "../../../src/machines/log-shape";
import { nothing } from "../../../src/machines/raft/rule";
import { logIndex } from "../../../src/types";
import { heldBy } from "./m14-old-term-committed";
import { type Mutant, rule } from "./mutant";

export const quorumOfEvenSizes: Mutant = {
  id: "M24",
  bug: "Half of an even number of voters is taken for a majority.",
  source: "hashicorp/raft@163a55f, openraft#1802, MicroRaft@c768342",
  caughtBy: ["I7", "I1"],
  actions: {
    advanceCommitIndex: rule((context) => {
      const held = heldBy(context).sort((a, b) => b - a);
      const commitIndex = logIndex(held[Math.ceil(held.length / 2) - 1] ?? 0);
      if (context.leadership === null || commitIndex <= context.commitIndex) return nothing;
      if (termAt(context.log, commitIndex) !== context.currentTerm) return nothing;
      return { context: { commitIndex }, effects: [{ type: "applyCommitted", commitIndex }] };
    }),
  },
};
