import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly offsetMs: number;
}

/** A wall clock jumps, forwards or back. */
export const wrongClock: ActionKind<Params> = {
  name: "wrongClock",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    offsetMs: random.pick([-86_400_000, -1000, 0, 1000, 86_400_000]),
  }),
  perform(run, { node, offsetMs }) {
    run.target(node).wallOffsetMs = offsetMs;
  },
};
