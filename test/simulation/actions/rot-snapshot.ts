import type { Running } from "../../../src/simulation/node";
import { snapshotName } from "../../../src/store/snapshot-catalogue";
import { type BitFlip, drawBitFlip } from "../bit-flip";
import type { ActionKind } from "../scenario";

/**
 * A bit flips in a node's newest snapshot while it is down. Where an older one and the log make up
 * for it the node comes back unharmed; else it says what is wrong and stays away.
 */
export const rotSnapshot: ActionKind<BitFlip> = {
  name: "rotSnapshot",
  group: "fault",
  draw: drawBitFlip,
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
