import { OPERATOR_TIMEOUTS_MS } from "../operators";
import type { ActionKind } from "../scenario";

/** By then the leader counts nobody any more who is down. Units: election timeouts. */
const NOTICED_TIMEOUTS = 3;

interface Params {
  readonly downMs: number;
  readonly timeoutMs: number;
}

/**
 * As many voters are down as a cluster can bear, and an operator removes one of the others: those
 * who are left would be no majority, so the leader must refuse.
 */
export const removeAtEdge: ActionKind<Params> = {
  name: "removeAtEdge",
  group: "churn",
  draw: (random) => ({
    downMs: random.whole(1000, 3000),
    timeoutMs: random.pick(OPERATOR_TIMEOUTS_MS),
  }),
  perform(run, { downMs, timeoutMs }) {
    const leader = run.cluster.leader();
    const voters = run.configuration.voters.map(({ id }) => run.cluster.node(id));
    const others = voters.filter((voter) => voter !== leader && voter.running);
    const down = voters.filter(({ running }) => running === null).length;
    const victims = others.splice(0, Math.floor((voters.length - 1) / 2) - down);
    for (const victim of victims) {
      victim.kill();
      run.later(downMs, () => victim.boot());
    }
    const [needed] = others;
    if (leader === null || needed === undefined) return;
    run.later(NOTICED_TIMEOUTS * run.scenario.setup.timing.electionTimeoutMs, () => {
      const change = { kind: "remove", id: needed.id, force: false } as const;
      run.operators.change(leader, change, timeoutMs);
    });
  },
};
