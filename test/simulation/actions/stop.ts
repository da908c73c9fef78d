import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** How long it may serve on while another takes over its office. */
  readonly leavingMs: number;
  readonly downMs: number;
}

/**
 * SIGTERM: a node hands over its office, tells everyone who waits what can be told, and is gone,
 * here before it could close its files.
 */
export const stop: ActionKind<Params> = {
  name: "stop",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    leavingMs: random.pick([0, 5, 200]),
    downMs: Math.round(random.exponential(300)),
  }),
  perform(run, { node, leavingMs, downMs }) {
    const victim = run.target(node);
    const { life, running } = victim;
    if (!running || life.isPaused) return;
    const { actor } = running;
    // Both promise an end that comes after this life's.
    const ignore = () => {};
    life.run(() => void actor.handOver().catch(ignore));
    run.cluster.clock.schedule(
      leavingMs,
      () => {
        actor.stop().catch(ignore);
        run.clients.demandAllTold(victim);
        run.later(downMs, () => victim.boot());
        victim.kill();
      },
      life,
    );
  },
};
