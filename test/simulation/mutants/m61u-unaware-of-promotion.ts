import { mayVote } from "../../../src/machines/raft/context";
import { grantsVote } from "../../../src/machines/raft/rules/election";
import { answerPreVote } from "../../../src/machines/raft/rules/pre-vote";
import { demandProgress } from "../liveness";
import { addLearner } from "./growing";
import { type Mutant, ruleOn } from "./mutant";

export const unawareOfPromotion: Mutant = {
  id: "M61u",
  bug: "A voter that has not heard of its promotion refuses the vote that is needed.",
  source: "hashicorp/raft#398, etcd-io/raft testdata/campaign_learner_must_vote.txt",
  caughtBy: ["L progress"],
  guards: {
    grantsVote: ({ context, event }) =>
      event.type === "RequestVote" &&
      mayVote(context) &&
      grantsVote(context, event.sender.from, event.message),
  },
  actions: {
    answerPreVote: ruleOn(["PreVote"], (context, event) => {
      const { currentTerm: term } = context;
      const to = event.sender.from;
      const denial = { type: "PreVoteReply", term, granted: false } as const;
      if (!mayVote(context)) return { effects: [{ type: "send", to, message: denial }] };
      return answerPreVote(context, event);
    }),
  },
  // A third is promoted and does not hear of it; then the leader is gone.
  script: {
    setup: { nodes: 2 },
    seedsMax: 1,
    play({ kit, run }) {
      const third = addLearner(kit);
      const leader = kit.leader();
      const [second] = kit.others(leader, third);
      if (second === undefined) throw new Error("two nodes and a learner");
      kit.cut(leader, third);
      kit.promote(third, { on: leader }).wait();
      // The other must know that it is committed, or it would go by the two of before.
      kit.set("key", "1").wait();
      kit.losePower(leader);
      demandProgress(run, [second, third]);
    },
  },
};
