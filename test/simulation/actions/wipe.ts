import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly downMs: number;
}

/** A node comes back under its old name on an empty disk: it must not be taken for itself. */
export const wipe: ActionKind<Params> = {
  name: "wipe",
  group: "fault",
  draw: (random, plan) => ({ node: drawTarget(random, plan), downMs: random.whole(10, 2000) }),
  perform(run, { node, downMs }) {
    const victim = run.target(node);
    if (!run.allowWipe(victim)) return;
    victim.wipe();
    run.later(downMs, () => victim.boot());
  },
};
