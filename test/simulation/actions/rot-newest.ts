import { RecordReader } from "../../../src/codec/record";
import type { SimulatedNode } from "../../../src/simulation/node";
import { type BatchHeader, readBatchHeader } from "../../../src/store/batch";
import { FIRST_BATCH_OFFSET } from "../../../src/store/segment-head";
import { type ActionKind, drawTarget, type Target } from "../scenario";
import { markedBatchOf, newestSegment } from "../stored-log";

interface Params {
  readonly node: Target;
  /** Where within what is covered, from 0 to 1. */
  readonly place: number;
  readonly bit: number;
  readonly downMs: number;
}

/**
 * A bit flips in the newest segment, in a batch that some mark calls durable: the header of a later
 * batch, or the mark beside the hard state. However much it looks like a torn tail, the node must
 * stop, or know that it has forgotten.
 */
export const rotNewest: ActionKind<Params> = {
  name: "rotNewest",
  group: "fault",
  draw: (random, plan) => ({
    node: drawTarget(random, plan),
    place: random.next(),
    bit: random.whole(0, 7),
    downMs: random.whole(10, 500),
  }),
  perform(run, { node, place, bit, downMs }) {
    const victim = run.target(node);
    const name = newestSegment(victim.disk)?.name;
    if (name === undefined || !run.allowForgetting(victim, "anything")) return;
    victim.kill();
    const from = FIRST_BATCH_OFFSET;
    const offset = from + Math.floor(place * (coveredEnd(victim, name) - from));
    if (offset > from) victim.disk.flipBit(name, offset, bit);
    run.later(downMs, () => victim.boot());
  },
};

/** Where, in a segment, the first batch begins that no mark covers. Units: bytes. */
function coveredEnd({ disk }: SimulatedNode, name: string): number {
  const file = disk.file(name);
  const reader = new RecordReader(file.read(0, file.size));
  const batches: { readonly header: BatchHeader; readonly at: number }[] = [];
  let at = Math.min(FIRST_BATCH_OFFSET, file.size);
  for (; reader.check(at) === "intact"; at = reader.end(at)) {
    const header = readBatchHeader(reader, at);
    if (header) batches.push({ header, at });
  }
  const marks = batches.map(({ header }) => header.durableBatch);
  const mark = Math.max(markedBatchOf(disk), ...marks);
  return batches.find(({ header }) => header.number > mark)?.at ?? at;
}
