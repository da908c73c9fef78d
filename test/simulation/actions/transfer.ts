import type { ActionKind } from "../scenario";

type Params = Record<never, never>;

/** The leader is asked to hand over its office. */
export const transfer: ActionKind<Params> = {
  name: "transfer",
  group: "command",
  draw: () => ({}),
  perform(run) {
    const leader = run.cluster.leader();
    const actor = leader?.running?.actor;
    if (!leader || !actor || leader.isPaused) return;
    leader.life.run(() => actor.raft.step({ type: "transfer.requested", to: null }));
  },
};
