import type { Mutant } from "./mutant";
import { tailLost } from "./tail-lost";

export const damagedLeads: Mutant = {
  id: "M60",
  bug: "A node whose disk lost acknowledged entries campaigns, and leads without them.",
  source: "nats-io/nats-server#7556",
  caughtBy: ["I6"],
  guards: { mayCampaign: () => true },
  script: tailLost,
};
