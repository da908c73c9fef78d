import { IDENTITY_FILE } from "../../../src/store/identity";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** Room that is left. Units: bytes. */
  readonly room: number;
  readonly ms: number;
}

/** A disk is full for a while: nothing may break, and it comes back by itself. */
export const fullDisk: ActionKind<Params> = {
  name: "fullDisk",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    room: random.pick([0, 100, 3000]),
    ms: random.whole(50, 3000),
  }),
  perform(run, { node, room, ms }) {
    const victim = run.target(node);
    const { disk } = victim;
    // One that has never started has put nothing by, and cannot start.
    if (!disk.has(IDENTITY_FILE)) run.allowStop(victim);
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    disk.capacityBytes = disk.usedBytes + room;
    run.later(ms, () => {
      disk.capacityBytes = Number.POSITIVE_INFINITY;
      if (victim.end?.kind === "stopped") victim.boot();
    });
  },
};
