import { membersOf } from "../../../src/types";
import { OPERATOR_TIMEOUTS_MS } from "../operators";
import type { Run } from "../run";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  /** Who is asked. */
  readonly node: Target;
  /** Who is to go; `down`: one that does not run, as operators mostly wish. */
  readonly who: Target | "learner" | "down";
  readonly force: boolean;
  readonly timeoutMs: number;
}

/** An operator removes a member, the leader and whoever is asked included. */
export const removeMember: ActionKind<Params> = {
  name: "removeMember",
  group: "churn",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    who: random.pick([
      drawTarget(random, plan),
      drawTarget(random, plan),
      "learner",
      "down",
    ] as const),
    force: random.chance(0.03),
    timeoutMs: random.pick(OPERATOR_TIMEOUTS_MS),
  }),
  perform(run, { node, who, force, timeoutMs }) {
    const id = idOf(run, who);
    const { voters } = run.configuration;
    const votersMin = run.scenario.setup.churn?.votersMin ?? 1;
    const isTooFew = voters.some((voter) => voter.id === id) && voters.length <= votersMin;
    if (id === undefined || isTooFew) return;
    run.operators.change(run.target(node), { kind: "remove", id, force }, timeoutMs);
  },
};

function idOf(run: Run, who: Params["who"]) {
  const { configuration } = run;
  if (who === "learner") return configuration.learners[0]?.id;
  if (who !== "down") return run.target(who).id;
  return membersOf(configuration).find(({ id }) => run.cluster.node(id).running === null)?.id;
}
