import { majority } from "../../../src/machines/quorum";
import { votersOf } from "../../../src/machines/raft/context";
import type { Mutant } from "./mutant";

export const blankCandidate: Mutant = {
  id: "M39b",
  bug: "A founder without a log votes for itself beside logs it has met; a wiped one joins it.",
  source: "databendlabs/openraft#2002, ours",
  caughtBy: ["I1", "I5", "I6"],
  guards: {
    hasVoteQuorum: ({ context }) => {
      const granted = context.election?.granted;
      const voters = votersOf(context);
      const votes = voters.filter(({ id }) => granted?.has(id)).length;
      return granted?.has(context.id) === true && votes >= majority(voters.length);
    },
  },
  // One of three was away from birth, one is wiped: the third has met both, and says nothing.
  script: {
    seedsMax: 5,
    play({ kit, run }) {
      kit.isolate(3);
      const late = kit.node(3);
      const leader = kit.leader();
      const [victim] = kit.others(leader, late);
      if (victim === undefined) throw new Error("three nodes");
      kit.set("key", "kept").wait();
      kit.run(1000);
      run.allowForgetting(victim, "anything");
      kit.wipe(victim);
      kit.heal();
      kit.until(() => late.running?.actor.raft.context.peers.has(leader.id) === true);
      kit.pause(leader);
      kit.boot(victim);
      kit.run(3000);
      kit.resume(leader);
      kit.until(() => kit.textAt(late, "key") === "kept");
    },
  },
};
