import { beginPreCampaign } from "../../../src/machines/raft/rules/pre-vote";
import { type Mutant, rule } from "./mutant";

export const leaderNeverForgotten: Mutant = {
  id: "M08",
  bug: "Whoever campaigns still honours the leader it has lost, and hears no challenge.",
  source: "etcd-io/etcd#8334, tikv/raft-rs#84",
  caughtBy: ["L progress"],
  actions: {
    beginPreCampaign: rule((context) => {
      const consequence = beginPreCampaign(context);
      const { leaderId } = context;
      return { ...consequence, context: { ...consequence.context, leaderId } };
    }),
  },
  guards: { isWithinLease: ({ context }) => context.leaderId !== null },
};
