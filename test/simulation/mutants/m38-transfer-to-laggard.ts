import { nothing } from "../../../src/machines/raft/rule";
import { type Mutant, rule } from "./mutant";

export const transferToLaggard: Mutant = {
  id: "M38",
  bug: "The office is handed to a server that lacks entries.",
  source: "databendlabs/openraft#1805, etcd-io/etcd#11326, hashicorp/raft#581",
  caughtBy: ["L transfer"],
  actions: {
    handOver: rule(({ currentTerm: term, leadership }) => {
      const to = leadership?.transferTo ?? null;
      if (to === null) return nothing;
      return { effects: [{ type: "send", to, message: { type: "TimeoutNow", term } }] };
    }),
  },
};
