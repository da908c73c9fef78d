import { type ActionKind, drawTarget, type Target } from "../scenario";
import { CLIENT_TIMEOUTS_MS } from "./write";

interface Params {
  readonly node: Target;
  readonly timeoutMs: number;
}

/** A client has a node take a snapshot: it holds all that the node had applied when it was asked. */
export const snapshot: ActionKind<Params> = {
  name: "snapshot",
  group: "command",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    timeoutMs: random.pick(CLIENT_TIMEOUTS_MS),
  }),
  perform(run, { node, timeoutMs }) {
    run.clients.takeSnapshot(run.target(node), timeoutMs);
  },
};
