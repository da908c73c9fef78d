import type { SimulatedNode } from "../../../src/simulation/node";
import { FIRST_BATCH_OFFSET } from "../../../src/store/segment-head";
import { type ActionKind, drawTarget, type Target } from "../scenario";
import { isSegment, lastBatchOf, markedBatchOf, newestSegment } from "../stored-log";

interface Params {
  readonly node: Target;
  /** How much of the newest segment is kept, from 0 to 1. */
  readonly kept: number;
  /** Whether the cut goes between two records, or through whatever stands there. */
  readonly isBetweenRecords: boolean;
  readonly downMs: number;
}

/**
 * A disk loses the end of its log, acknowledged entries with it. A log that ends early looks like a
 * log that ended there: only the mark beside the hard state can tell. So the fault model is this:
 *
 *   the mark covers all that was acknowledged   the loss is noticed; the node comes back without
 *                                               vote or acknowledgement until it has caught up
 *   something was acknowledged after the mark   nobody can notice; it is a lost promise, as a disk
 *                                               is that lies about its syncs, and not tried here
 *
 * A start writes the mark anew. Where the mark lags behind, the node therefore starts once more and
 * dies before it has heard anybody, and its disk loses the tail then.
 */
export const cutTail: ActionKind<Params> = {
  name: "cutTail",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    kept: random.next(),
    isBetweenRecords: random.chance(0.5),
    downMs: random.whole(10, 1000),
  }),
  perform(run, { node, kept, isBetweenRecords, downMs }) {
    const victim = run.target(node);
    // What else has gone wrong with a disk may have taken the very marks.
    if (run.mayForget(victim) && !run.mustCatchUp(victim)) return;
    if (victim.witness.durableIndex === 0 || !run.allowForgetting(victim, "tail")) return;
    victim.kill();
    if (!isMarked(victim)) restart(victim);
    if (isMarked(victim)) cut(victim, kept, isBetweenRecords);
    run.later(downMs, () => victim.boot());
  },
};

const isMarked = ({ disk }: SimulatedNode): boolean => markedBatchOf(disk) >= lastBatchOf(disk);

function restart(victim: SimulatedNode): void {
  victim.boot();
  victim.kill();
}

function cut({ disk }: SimulatedNode, kept: number, isBetweenRecords: boolean): void {
  const newest = newestSegment(disk);
  if (newest === null) return;
  const { borders, name } = newest;
  const border = borders[Math.floor(kept * borders.length)] ?? 0;
  const size = isBetweenRecords ? border : Math.floor(kept * (borders.at(-1) ?? 0));
  // Without the head of its first segment a log has lost its beginning, not its end.
  const isOnly = disk.list().filter(isSegment).length === 1;
  disk.cut(name, isOnly ? Math.max(size, FIRST_BATCH_OFFSET) : size);
}
