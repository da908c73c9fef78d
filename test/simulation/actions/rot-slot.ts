import { HARD_STATE_FILE, slotOffset } from "../../../src/store/hard-state";
import { type ActionKind, drawTarget, type Target } from "../scenario";

interface Params {
  readonly node: Target;
  /** Which of the two copies of term and vote. */
  readonly place: number;
  /** Where within it. Units: bytes. */
  readonly offset: number;
  readonly bit: number;
  readonly downMs: number;
}

/** A hard state that nobody writes for so long has been copied. Units: ms. */
const QUIET_MS = 500;
/** Length, checksum and fields. Units: bytes. */
const SLOT_BYTES = 64;

/** A bit flips at rest in one of the two copies of term and vote: the other one has both. */
export const rotSlot: ActionKind<Params> = {
  name: "rotSlot",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    place: random.whole(0, 1),
    offset: random.whole(0, SLOT_BYTES - 1),
    bit: random.whole(0, 7),
    downMs: random.whole(10, 500),
  }),
  perform(run, { node, place, offset, bit, downMs }) {
    const victim = run.target(node);
    const { disk, life } = victim;
    if (!disk.has(HARD_STATE_FILE)) return;
    const file = disk.file(HARD_STATE_FILE);
    const { written } = file;
    run.later(QUIET_MS, () => {
      const isQuiet = file.written === written && file.settled === written;
      if (!isQuiet || !life.isRunning || !disk.has(HARD_STATE_FILE)) return;
      victim.kill();
      disk.flipBit(HARD_STATE_FILE, slotOffset(place) + offset, bit);
      run.later(downMs, () => victim.boot());
    });
  },
};
