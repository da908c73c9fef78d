import { type ActionKind, drawTarget, type Target } from "../scenario";
import { CLIENT_TIMEOUTS_MS } from "./write";

/** How far back a retry may reach. Units: actions. */
const REACH = 60;

interface Params {
  readonly of: number;
  readonly node: Target;
  readonly timeoutMs: number;
}

/** A client asks once more for an earlier write, perhaps of another node, perhaps needlessly. */
export const retry: ActionKind<Params> = {
  name: "retry",
  group: "command",
  draw: (random, plan) => ({
    of: Math.max(0, plan.id - random.whole(1, REACH)),
    node: drawTarget(random, plan),
    timeoutMs: random.pick(CLIENT_TIMEOUTS_MS),
  }),
  perform(run, { of, node, timeoutMs }) {
    run.clients.retry(of, run.target(node), timeoutMs);
  },
};
