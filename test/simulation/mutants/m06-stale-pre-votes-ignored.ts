import { nothing } from "../../../src/machines/raft/rule";
import { answerPreVote } from "../../../src/machines/raft/rules/pre-vote";
import { longLogBehindInTerm } from "./long-log-behind-in-term";
import { type Mutant, ruleOn } from "./mutant";

export const stalePreVotesIgnored: Mutant = {
  id: "M06",
  bug: "A pre-vote of an old term is not answered, so that its sender never learns the new one.",
  source: "etcd-io/etcd#8243, canonical/raft#279",
  caughtBy: ["L progress"],
  actions: {
    answerPreVote: ruleOn(["PreVote"], (context, event) =>
      event.message.term <= context.currentTerm ? nothing : answerPreVote(context, event),
    ),
  },
  script: longLogBehindInTerm,
};
