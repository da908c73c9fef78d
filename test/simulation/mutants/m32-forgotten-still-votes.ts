import { isAtLeastAsUpToDate } from "../../../src/machines/raft/rules/election";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import type { LogIndex, Term } from "../../../src/types";
import { type Mutant, ruleOn } from "./mutant";
import { tailLost } from "./tail-lost";

const elects = (
  { log }: RaftContext,
  candidate: { readonly lastLogIndex: LogIndex; readonly lastLogTerm: Term },
): boolean =>
  isAtLeastAsUpToDate(candidate, { lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm });

export const forgottenStillVotes: Mutant = {
  id: "M32",
  bug: "A node that lost acknowledged entries votes before it has them again.",
  source: "nats-io/nats-server#6944",
  caughtBy: ["I17 quarantine", "I6"],
  guards: {
    grantsVote: ({ context, event }) =>
      event.type === "RequestVote" &&
      (context.votedFor === null || context.votedFor === event.sender.from) &&
      elects(context, event.message),
  },
  actions: {
    answerPreVote: ruleOn(["PreVote"], (context, { sender, message }) => {
      const granted = message.term > context.currentTerm && elects(context, message);
      const term = granted ? message.term : context.currentTerm;
      const reply = { type: "PreVoteReply", term, granted } as const;
      return { effects: [{ type: "send", to: sender.from, message: reply }] };
    }),
  },
  script: tailLost,
};
