import { type ActionKind, drawTarget, type Target } from "../scenario";
import { CLIENT_TIMEOUTS_MS } from "./write";

interface Params {
  readonly node: Target;
  readonly prefix: string;
  readonly after: string | null;
  readonly limit: number;
  /** Of keys and values on one page. */
  readonly bytesMax: number;
  readonly timeoutMs: number;
}

/** A client lists keys, linearizably. */
export const list: ActionKind<Params> = {
  name: "list",
  group: "command",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    prefix: random.pick(["", "key", "key-1", random.pick(plan.setup.keys)]),
    after: random.pick([null, null, "key-", random.pick(plan.setup.keys)]),
    limit: random.pick([1, 2, 3, 1000]),
    bytesMax: random.pick([1, 100, 1_000_000]),
    timeoutMs: random.pick(CLIENT_TIMEOUTS_MS),
  }),
  perform(run, { node, timeoutMs, ...range }) {
    run.clients.list(run.target(node), range, timeoutMs);
  },
};
