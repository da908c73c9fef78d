import { all } from "../../../src/machines/raft/rule";
import { appendProposals, declineProposals } from "../../../src/machines/raft/rules/append";
import { type Mutant, ruleOn } from "./mutant";

export const declinedYetAppended: Mutant = {
  id: "M51",
  bug: "A write that was declined, and is offered elsewhere, stands in the log all the same.",
  source: "jepsen.io jetcd-0.8.2, CurvineIO/curvine#676",
  caughtBy: ["I14 I15"],
  actions: {
    appendProposals: ruleOn(["client.proposed"], (context, event) =>
      all(declineProposals(context, event), appendProposals(context, event)),
    ),
  },
};
