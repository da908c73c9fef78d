import { quorumValue } from "../../../src/machines/quorum";
import { votersOf } from "../../../src/machines/raft/context";
import { nothing } from "../../../src/machines/raft/rule";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import { logIndex } from "../../../src/types";
import { type Mutant, rule } from "./mutant";

export const heldBy = (context: RaftContext): number[] =>
  votersOf(context).map(({ id }) =>
    id === context.id ? context.durableIndex : (context.leadership?.matchIndex.get(id) ?? 0),
  );

export const oldTermCommitted: Mutant = {
  id: "M14",
  bug: "An entry of an earlier term is committed by counting (Raft figure 8).",
  source: "logcabin/logcabin#44, canonical/raft#220, bakwc/PySyncObj#169",
  caughtBy: ["I7"],
  actions: {
    advanceCommitIndex: rule((context) => {
      if (context.leadership === null) return nothing;
      const commitIndex = logIndex(quorumValue(heldBy(context)));
      if (commitIndex <= context.commitIndex) return nothing;
      return { context: { commitIndex }, effects: [{ type: "applyCommitted", commitIndex }] };
    }),
  },
  // More than fits one message is left over from a term whose leader has died.
  script: {
    seedsMax: 10,
    play({ kit }) {
      const first = kit.leader();
      kit.run(1000);
      const [heir, other] = kit.others(first);
      if (heir === undefined || other === undefined) throw new Error("three nodes");
      kit.losePower(other);
      kit.cut(heir, first);
      for (let count = 0; count < 10; count++)
        kit.set(`key-${count}`, `${count}`.padEnd(60_000, "x"));
      kit.until(() => heir.witness.durableIndex === first.witness.lastIndex);
      kit.run(20);
      kit.losePower(first);
      kit.heal();
      kit.boot(other);
      kit.leader({ except: [first] });
      kit.run(1000);
    },
  },
};
