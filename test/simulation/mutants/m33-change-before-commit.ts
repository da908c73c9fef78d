import { configurationOf, hasBindings } from "../../../src/machines/raft/context";
import { nothing } from "../../../src/machines/raft/rule";
import { appendDrafts } from "../../../src/machines/raft/rules/append";
import { bindFounders, bindNext } from "../../../src/machines/raft/rules/membership";
import { type Mutant, rule } from "./mutant";

export const changeBeforeCommit: Mutant = {
  id: "M33",
  bug: "A configuration is appended before the one before it is committed.",
  source: "groups.google.com/g/raft-dev/c/t4xj6dJTP6E, hydro-project/hydro#3192",
  caughtBy: ["I12"],
  actions: {
    bindNewcomers: rule((context) => {
      if (context.leadership === null) return nothing;
      const isYoung = !hasBindings(configurationOf(context));
      const configuration = isYoung ? bindFounders(context) : bindNext(context);
      if (configuration === null) return nothing;
      return appendDrafts(context, [{ kind: "configuration", configuration }]);
    }),
  },
  // The leader of a young cluster meets the others one after the other.
  script: {
    seedsMax: 3,
    setup: { nodes: 5 },
    play({ kit }) {
      kit.partition([1, 2, 3]);
      const leader = kit.leader();
      const [first, second] = kit.nodes.filter(({ id }) => id <= 3 && id !== leader.id);
      if (first === undefined || second === undefined) throw new Error("three nodes");
      kit.run(1000);
      kit.cut(first, leader);
      kit.cut(second, leader);
      kit.run(10);
      kit.partition([leader, 4, 5], [first, second]);
      kit.run(2000);
    },
  },
};
