import { type ActionKind, drawTarget, type Target } from "../scenario";
import { CLIENT_TIMEOUTS_MS } from "./write";

interface Params {
  readonly node: Target;
  readonly key: string;
  readonly timeoutMs: number;
}

/** A client reads a key, linearizably. */
export const read: ActionKind<Params> = {
  name: "read",
  group: "command",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    key: random.pick(plan.setup.keys),
    timeoutMs: random.pick(CLIENT_TIMEOUTS_MS),
  }),
  perform(run, { node, key, timeoutMs }, id) {
    run.clients.read(id, run.target(node), key, timeoutMs);
  },
};
