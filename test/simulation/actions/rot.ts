import { type BitFlip, drawBitFlip } from "../bit-flip";
import type { ActionKind } from "../scenario";

/**
 * A bit flips in a segment that others have followed: all of it was durable long ago. The node
 * comes back with its whole log, or says what is wrong and stays away.
 */
export const rot: ActionKind<BitFlip> = {
  name: "rot",
  group: "fault",
  draw: drawBitFlip,
  perform(run, { node, place, bit, downMs }) {
    const victim = run.target(node);
    const segments = victim.disk.list().filter((name) => name.startsWith("log-"));
    const older = segments.slice(0, -1);
    const file = older[Math.floor(place * older.length)];
    if (file === undefined || !run.allowForgetting(victim, "anything")) return;
    if (victim.running) victim.kill();
    const within = place * older.length - Math.floor(place * older.length);
    victim.disk.flipBit(file, Math.floor(within * victim.disk.file(file).size), bit);
    run.later(downMs, () => victim.boot());
  },
};
