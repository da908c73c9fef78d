import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly ms: number;
}

/** The file system turns read-only, as one does that has met an error. The node must stop. */
export const readOnlyDisk: ActionKind<Params> = {
  name: "readOnlyDisk",
  group: "fault",
  draw: (random, plan) => ({ node: drawTarget(random, plan), ms: random.whole(50, 1500) }),
  perform(run, { node, ms }) {
    const victim = run.target(node);
    run.allowStop(victim);
    victim.disk.readOnly = true;
    run.later(ms, () => {
      victim.disk.readOnly = false;
      victim.boot();
    });
  },
};
