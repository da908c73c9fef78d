import { changeMembers } from "../../../src/machines/raft/rules/change-members";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import { type Mutant, ruleOn } from "./mutant";

export const idUsedAgain: Mutant = {
  id: "M23",
  bug: "An id that was removed is given again: what it acknowledged before counts as before.",
  source: "tikv/raft-rs#571, drmingdrmer/raft-rejoin-bug",
  caughtBy: ["I12", "I16"],
  // Nobody remembers who was removed.
  actions: {
    changeMembers: ruleOn(["member.changeRequested"], (context, event) =>
      changeMembers(withoutTombstones(context), event),
    ),
  },
  script: {
    seedsMax: 1,
    play({ kit }) {
      const leader = kit.leader();
      kit.run(1000);
      const [one] = kit.others(leader);
      if (one === undefined) throw new Error("three nodes");
      kit.kill(one);
      kit.removeMember(one, { on: leader }).wait();
      const again = kit.addMember(one, { on: leader });
      kit.boot(one);
      kit.until(() => again.isAnswered);
      kit.run(2000);
    },
  },
};

function withoutTombstones(context: RaftContext): RaftContext {
  const configurations = context.configurations.map(({ configuration, index }) => ({
    index,
    configuration: { ...configuration, removed: [] },
  }));
  return { ...context, configurations };
}
