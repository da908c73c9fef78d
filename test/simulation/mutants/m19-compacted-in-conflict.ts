import { acceptEntries } from "../../../src/machines/raft/rules/replication";
import { calmNetwork } from "../../../src/simulation/network";
import { type Mutant, ruleOn } from "./mutant";

export const compactedInConflict: Mutant = {
  id: "M19",
  bug: "An entry that was compacted is taken for one in conflict, and replaced.",
  source: "databendlabs/openraft#511",
  caughtBy: ["I8", "I11", "I19"],
  actions: {
    acceptEntries: ruleOn(["AppendEntries"], (context, event) => {
      const { entries } = event.message;
      const [first] = entries;
      if (first === undefined || first.index > context.log.baseIndex) {
        return acceptEntries(context, event);
      }
      const generation = context.generation + 1;
      return { context: { generation }, effects: [{ type: "appendEntries", entries, generation }] };
    }),
  },
  // Every message comes twice, and the second time after followers have compacted its entries.
  script: {
    setup: { network: { ...calmNetwork, repeatProbability: 1, repeatDelayMsMax: 500 } },
    seedsMax: 3,
    play({ kit }) {
      const leader = kit.leader();
      for (let count = 0; count < 20; count++) {
        kit.set("key", `${count}`, { on: leader }).wait();
        for (const node of kit.others(leader)) kit.takeSnapshot(node);
        kit.run(20);
      }
      kit.run(1000);
    },
  },
};
