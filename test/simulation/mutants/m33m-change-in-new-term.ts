import { changeMembers } from "../../../src/machines/raft/rules/change-members";
import { addLearner } from "./growing";
import { type Mutant, ruleOn } from "./mutant";

export const changeInNewTerm: Mutant = {
  id: "M33m",
  bug: "A leader changes the members before it has committed an entry of its own term.",
  source: "groups.google.com/g/raft-dev/c/t4xj6dJTP6E",
  caughtBy: ["I12"],
  // As if all that it has were committed.
  actions: {
    changeMembers: ruleOn(["member.changeRequested"], (context, event) =>
      changeMembers({ ...context, commitIndex: context.log.lastIndex }, event),
    ),
  },
  // Of four the first leader makes a fifth a voter, in its own log alone; the next removes one.
  script: {
    seedsMax: 1,
    setup: { nodes: 4 },
    play({ kit }) {
      const fifth = addLearner(kit);
      const first = kit.leader();
      kit.partition(kit.others(first), [first]);
      kit.promote(fifth, { on: first });
      const second = kit.leader({ except: [first] });
      for (const other of kit.others(first, second)) kit.cut(other, second);
      kit.removeMember(first, { on: second });
      kit.run(100);
      kit.partition([first, fifth, ...kit.others(first, second, fifth).slice(0, 1)]);
      kit.run(1000);
      kit.heal();
      kit.run(2000);
    },
  },
};
