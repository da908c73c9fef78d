import { votersOf } from "../../../src/machines/raft/context";
import { nothing } from "../../../src/machines/raft/rule";
import { recordGrant } from "../../../src/machines/raft/rules/election";
import { type Mutant, ruleOn } from "./mutant";

export const grantsByMessage: Mutant = {
  id: "M04",
  bug: "Granted votes are counted by message: one that arrives twice counts twice.",
  source: "xnnyygn/xraft#27, ktoso/akka-raft#45, andreev-io/little-raft#44",
  caughtBy: ["I1"],
  actions: {
    recordVote: ruleOn(["RequestVoteReply"], (context, { message }) => {
      const granted = context.election?.granted;
      const next = votersOf(context).find(({ id }) => id !== context.id && !granted?.has(id));
      return message.granted && next ? recordGrant(context, next.id) : nothing;
    }),
  },
  // Three of five are needed: the candidate's own vote and one that comes again and again.
  script: {
    setup: { nodes: 5 },
    seedsMax: 20,
    play({ kit, run }) {
      const { faults } = run.cluster.network;
      run.cluster.network.faults = { ...faults, repeatProbability: 1, repeatDelayMsMax: 5 };
      const candidate = () => kit.nodes.find(({ running }) => running?.actor.raft.context.votedFor);
      kit.until(() => candidate() !== undefined);
      const [friend] = kit.others(candidate() ?? 1);
      kit.partition([candidate() ?? 1, friend ?? 2]);
      kit.run(1000);
    },
  },
};
