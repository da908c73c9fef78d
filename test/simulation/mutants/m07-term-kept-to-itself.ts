import { answerPreVote } from "../../../src/machines/raft/rules/pre-vote";
import { term } from "../../../src/types";
import { longLogBehindInTerm } from "./long-log-behind-in-term";
import { type Mutant, ruleOn } from "./mutant";

export const termKeptToItself: Mutant = {
  id: "M07",
  bug: "The denial of a pre-vote names the asker's term, so that a higher one never spreads.",
  source: "databendlabs/openraft#1796, etcd-io/etcd#8501",
  caughtBy: ["L progress"],
  actions: {
    answerPreVote: ruleOn(["PreVote"], (context, event) => {
      const { effects = [] } = answerPreVote(context, event);
      const asked = term(Math.min(context.currentTerm, event.message.term - 1));
      return {
        effects: effects.map((effect) =>
          effect.type === "send" &&
          effect.message.type === "PreVoteReply" &&
          !effect.message.granted
            ? { ...effect, message: { ...effect.message, term: asked } }
            : effect,
        ),
      };
    }),
  },
  script: longLogBehindInTerm,
};
