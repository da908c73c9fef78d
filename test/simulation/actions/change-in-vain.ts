import { membersOf } from "../../../src/types";
import { OPERATOR_TIMEOUTS_MS } from "../operators";
import type { ActionKind } from "../scenario";

interface Params {
  readonly what: "promote" | "remove";
  readonly cutMs: number;
  readonly timeoutMs: number;
}

/** A leader that is just cut off changes who takes part, in its own log alone. */
export const changeInVain: ActionKind<Params> = {
  name: "changeInVain",
  group: "churn",
  draw: (random) => ({
    what: random.pick(["promote", "remove"] as const),
    cutMs: random.whole(500, 2000),
    timeoutMs: random.pick(OPERATOR_TIMEOUTS_MS),
  }),
  perform(run, { what, cutMs, timeoutMs }) {
    const leader = run.cluster.leader();
    const { learners, voters } = run.configuration;
    const votersMin = run.scenario.setup.churn?.votersMin ?? 1;
    if (leader === null || voters.length <= votersMin) return;
    const { network, nodes } = run.cluster;
    const rest = nodes.filter((node) => node !== leader).map(({ id }) => id);
    network.partition([rest, [leader.id]]);
    run.later(cutMs, () => network.heal());
    const member = what === "promote" ? learners[0] : membersOf(run.configuration).at(-1);
    if (member === undefined) return;
    const { id } = member;
    const change = what === "promote" ? { kind: what, id } : { kind: what, id, force: false };
    run.operators.change(leader, change, timeoutMs);
  },
};
