import { hasCommittedInTerm, requestRead } from "../../../src/machines/raft/rules/read-index";
import { type Mutant, ruleOn } from "./mutant";

export const verifiedBeforeRead: Mutant = {
  id: "M48",
  bug: "A read is answered by a leadership that was verified before the read came.",
  source: "hashicorp/raft#603, rqlite/rqlite#1950",
  caughtBy: ["I14 I15"],
  actions: {
    requestRead: ruleOn(["client.readRequested"], (context, event) => {
      const { commitIndex: readIndex } = context;
      const isVerified = (context.leadership?.quorumRound ?? 0) > 0 && hasCommittedInTerm(context);
      if (!isVerified) return requestRead(context, event);
      return { effects: [{ type: "confirmRead", read: event.read, readIndex }] };
    }),
  },
  // The leader sleeps through its own fall, and is asked as it wakes.
  script: {
    seedsMax: 20,
    play({ kit, read }) {
      const old = kit.leader();
      kit.run(1000);
      kit.pause(old);
      kit.set("key", "kept", { on: kit.leader({ except: [old] }) }).wait();
      read(old);
      kit.resume(old);
      kit.run(1000);
    },
  },
};
