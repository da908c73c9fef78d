import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** Where within the file, from 0 to 1. */
  readonly place: number;
  readonly bit: number;
  readonly downMs: number;
}

/**
 * A bit flips in a segment that others have followed: all of it was durable long ago. The node
 * comes back with its whole log, or says what is wrong and stays away.
 */
export const rot: ActionKind<Params> = {
  name: "rot",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    place: random.next(),
    bit: random.whole(0, 7),
    downMs: random.whole(10, 500),
  }),
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
