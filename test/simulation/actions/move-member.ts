import { configurationOf } from "../../../src/machines/raft/context";
import type { SimulatedNode } from "../../../src/simulation/node";
import { type Configuration, membersOf } from "../../../src/types";
import type { Run } from "../run";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly downMs: number;
}

/**
 * A member starts elsewhere, on its old disk, and tells the others where. Two that move at once
 * could lose each other for good, so it must know where everybody is, and they where it was.
 */
export const moveMember: ActionKind<Params> = {
  name: "moveMember",
  group: "churn",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    downMs: Math.round(random.exponential(100)),
  }),
  perform(run, { node, downMs }, id) {
    const mover = run.target(node);
    const { running } = mover;
    const isMember = membersOf(run.configuration).some((member) => member.id === mover.id);
    if (!running || !isMember || !isRight(run, run.configuration)) return;
    if (!isRight(run, configurationOf(running.actor.raft.context))) return;
    mover.kill();
    run.cluster.rehouse(mover, `place-${id}:9080`);
    run.later(downMs, () => mover.boot());
  },
};

/** Whether everybody is where it says, and nobody is missing in it. */
function isRight({ cluster, configuration }: Run, known: Configuration): boolean {
  const isThere = ({ id }: Pick<SimulatedNode, "id">) =>
    membersOf(known).some(
      (member) => member.id === id && member.peerAddress === cluster.network.addressOf(id),
    );
  return membersOf(configuration).every(isThere);
}
