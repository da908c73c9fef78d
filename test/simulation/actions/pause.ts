import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly ms: number;
}

/** SIGSTOP, and SIGCONT a while later: a process that does not know that time went by. */
export const pause: ActionKind<Params> = {
  name: "pause",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    ms: Math.round(random.exponential(random.pick([50, 500, 2000]))),
  }),
  perform(run, { node, ms }) {
    const victim = run.target(node);
    victim.pause();
    run.later(ms, () => victim.resume());
  },
};
