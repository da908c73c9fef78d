import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  readonly syncMs: number;
  readonly ms: number;
}

/** One that began before a disk was healed still takes so long. Units: ms. */
export const SLOW_SYNC_MS_MAX = 3000;

/** A disk takes long over every sync. */
export const slowDisk: ActionKind<Params> = {
  name: "slowDisk",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    syncMs: random.pick([20, 100, 500, SLOW_SYNC_MS_MAX]),
    ms: random.whole(100, 3000),
  }),
  perform(run, { node, syncMs, ms }) {
    const victim = run.target(node);
    victim.disk.syncDelayMs = () => syncMs;
    run.later(ms, () => run.useOwnDisk(victim));
  },
};
