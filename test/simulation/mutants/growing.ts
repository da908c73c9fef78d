/** How a calm cluster gets another member, in a script. */
import { configurationOf } from "../../../src/machines/raft/context";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { Simulation } from "../../../src/simulation/simulation";

/** Long enough for disks to be bound, and for a learner to be seen to keep up. Units: ms. */
const SETTLING_MS = 2000;

/** A learner that stays one, bound to its disk and with all that the leader has. */
export function addLearner(kit: Simulation): SimulatedNode {
  kit.leader();
  kit.run(SETTLING_MS);
  const learner = kit.join();
  kit.addMember(learner, { stays: true }).wait();
  kit.run(SETTLING_MS);
  return learner;
}

/** Who leads, as its own log has it. */
export function configurationAtLeader(kit: Simulation) {
  const context = kit.leader().running?.actor.raft.context;
  if (context === undefined) throw new Error("a leader runs");
  return configurationOf(context);
}
