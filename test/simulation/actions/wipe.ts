import { majority } from "../../../src/machines/quorum";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly downMs: number;
}

/**
 * A node comes back under its old name on an empty disk: it must not be taken for itself. Blank
 * founders cannot tell it from one of their own, so a majority of the others must have a log.
 */
export const wipe: ActionKind<Params> = {
  name: "wipe",
  group: "fault",
  draw: (random, plan) => ({ node: drawTarget(random, plan), downMs: random.whole(10, 2000) }),
  perform(run, { node, downMs }) {
    const victim = run.target(node);
    const voters = run.configuration.voters.map(({ id }) => run.cluster.node(id));
    const others = voters.filter((other) => other !== victim && other.witness.durableIndex > 0);
    if (others.length < majority(voters.length) || !run.allowForgetting(victim, "anything")) return;
    victim.wipe();
    run.later(downMs, () => victim.boot());
  },
};
