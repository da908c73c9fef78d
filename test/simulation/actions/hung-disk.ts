import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly ms: number;
}

/** Syncs begin and never end, until somebody pulls the plug. */
export const hungDisk: ActionKind<Params> = {
  name: "hungDisk",
  group: "fault",
  draw: (random, plan) => ({ node: drawTarget(random, plan), ms: random.whole(100, 3000) }),
  perform(run, { node, ms }) {
    const victim = run.target(node);
    victim.disk.syncDelayMs = () => null;
    run.stuck.add(victim);
    run.later(ms, () => {
      run.useOwnDisk(victim);
      run.pullPlug(victim);
      victim.boot();
    });
  },
};
