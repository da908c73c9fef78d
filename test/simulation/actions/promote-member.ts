import { OPERATOR_TIMEOUTS_MS } from "../operators";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly timeoutMs: number;
}

/** An operator makes a voter of a learner, whether it stays one or was about to become one. */
export const promoteMember: ActionKind<Params> = {
  name: "promoteMember",
  group: "churn",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    timeoutMs: random.pick(OPERATOR_TIMEOUTS_MS),
  }),
  perform(run, { node, timeoutMs }) {
    const { learners } = run.configuration;
    const { id } = learners.find(({ stays }) => stays) ?? learners[0] ?? {};
    if (id === undefined) return;
    run.operators.change(run.target(node), { kind: "promote", id }, timeoutMs);
  },
};
