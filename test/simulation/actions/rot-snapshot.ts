import type { Running } from "../../../src/simulation/node";
import { snapshotName } from "../../../src/store/snapshot-catalogue";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** Where within the file, from 0 to 1. */
  readonly place: number;
  readonly bit: number;
  readonly downMs: number;
}

/**
 * A bit flips in a node's newest snapshot while it is down. Where an older one and the log make up
 * for it the node comes back unharmed; else it says what is wrong and stays away.
 */
export const rotSnapshot: ActionKind<Params> = {
  name: "rotSnapshot",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    place: random.next(),
    bit: random.whole(0, 7),
    downMs: random.whole(10, 500),
  }),
  perform(run, { node, place, bit, downMs }) {
    const victim = run.target(node);
    const [newest] = victim.running?.snapshots.published ?? [];
    if (!victim.running || newest === undefined) return;
    if (!isReplaceable(victim.running) && !run.allowForgetting(victim, "anything")) return;
    victim.kill();
    const offset = Math.floor(place * newest.byteLength);
    run.rot(victim, snapshotName(newest), { offset, bit });
    run.later(downMs, () => victim.boot());
  },
};

const isReplaceable = ({ log, snapshots }: Running): boolean =>
  log.baseIndex <= (snapshots.published[1]?.lastIndex ?? 0);
