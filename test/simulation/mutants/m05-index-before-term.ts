import { wouldElect } from "../../../src/machines/raft/rules/election";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import { type Mutant, ruleOn } from "./mutant";

/** The longer log wins, whatever its last term. */
const electsLonger = (
  context: RaftContext,
  candidate: Parameters<typeof wouldElect>[1],
): boolean =>
  candidate.lastLogIndex === context.log.lastIndex
    ? wouldElect(context, candidate)
    : candidate.lastLogIndex > context.log.lastIndex;

export const indexBeforeTerm: Mutant = {
  id: "M05",
  bug: "The up-to-date check compares lengths before terms.",
  source: "Raft §5.4.1",
  caughtBy: ["I6"],
  guards: {
    grantsVote: ({ context, event }) =>
      event.type === "RequestVote" &&
      (context.votedFor === null || context.votedFor === event.sender.from) &&
      electsLonger(context, event.message),
  },
  actions: {
    answerPreVote: ruleOn(["PreVote"], (context, { sender, message }) => {
      const granted = message.term > context.currentTerm && electsLonger(context, message);
      const term = granted ? message.term : context.currentTerm;
      const reply = { type: "PreVoteReply", term, granted } as const;
      return { effects: [{ type: "send", to: sender.from, message: reply }] };
    }),
  },
  // The old leader's log is longer, by entries that nobody else has; it must not lead again.
  script: {
    seedsMax: 5,
    play({ kit }) {
      const old = kit.leader();
      kit.run(200);
      kit.isolate(old);
      for (let count = 0; count < 20; count++) kit.set("key", `lost-${count}`, { on: old });
      const next = kit.leader({ except: [old] });
      kit.set("key", "kept", { on: next }).wait();
      kit.losePower(next);
      kit.heal();
      kit.run(3000);
    },
  },
};
