import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly key: string;
}

/** A client is content with what a node has, if it is told how old that is at most. */
export const readStale: ActionKind<Params> = {
  name: "readStale",
  group: "command",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    key: random.pick(plan.setup.keys),
  }),
  perform(run, { node, key }) {
    run.clients.readStale(run.target(node), key);
  },
};
