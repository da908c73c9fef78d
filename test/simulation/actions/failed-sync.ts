import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly file: "log-" | "hard-state" | "snapshot-";
  readonly downMs: number;
}

/**
 * A sync fails once, and every later one succeeds over the lost pages. The node must stop; it is
 * started again.
 */
export const failedSync: ActionKind<Params> = {
  name: "failedSync",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    file: random.pick(["log-", "log-", "hard-state", "snapshot-"] as const),
    downMs: random.whole(50, 1000),
  }),
  perform(run, { node, file, downMs }) {
    const victim = run.target(node);
    run.allowStop(victim);
    victim.diskFault = ({ kind, name }) => {
      if (kind !== "sync" || !name.startsWith(file)) return null;
      victim.diskFault = () => null;
      return { kind: "ioError" };
    };
    run.later(downMs, () => victim.boot());
  },
};
