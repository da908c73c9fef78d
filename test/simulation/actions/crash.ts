import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly how: "kill" | "losePower";
  readonly downMs: number;
}

/** A process or its whole machine dies, and starts again. */
export const crash: ActionKind<Params> = {
  name: "crash",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    how: random.pick(["kill", "losePower"] as const),
    downMs: Math.round(random.exponential(random.pick([20, 300, 2000]))),
  }),
  perform(run, { node, how, downMs }) {
    const victim = run.target(node);
    run.later(downMs, () => victim.boot());
    if (victim.running) victim[how]();
  },
};
