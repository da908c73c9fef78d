import { OPERATOR_TIMEOUTS_MS } from "../operators";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** null for the best voter there is. */
  readonly to: Target | null;
  readonly timeoutMs: number;
}

/** An operator wants another to lead, who may be a learner, or gone. */
export const handOver: ActionKind<Params> = {
  name: "handOver",
  group: "churn",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    to: random.chance(0.3) ? null : drawTarget(random, plan),
    timeoutMs: random.pick(OPERATOR_TIMEOUTS_MS),
  }),
  perform(run, { node, to, timeoutMs }) {
    const target = to === null ? null : run.target(to).id;
    run.operators.handOver(run.target(node), target, timeoutMs);
  },
};
