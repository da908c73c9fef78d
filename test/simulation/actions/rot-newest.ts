import { RecordReader } from "../../../src/codec/record";
import type { SimulatedNode } from "../../../src/simulation/node";
import { type BatchHeader, readBatchHeader } from "../../../src/store/batch";
import { FIRST_BATCH_OFFSET } from "../../../src/store/segment-head";
import { type BitFlip, drawBitFlip } from "../bit-flip";
import type { ActionKind } from "../scenario";
import { markedBatchOf, newestSegment } from "../stored-log";

/**
 * A bit flips in the newest segment, in a batch that some mark calls durable: the header of a later
 * batch, or the mark beside the hard state. However much it looks like a torn tail, the node must
 * stop, or know that it has forgotten.
 */
export const rotNewest: ActionKind<BitFlip> = {
  name: "rotNewest",
  group: "fault",
  draw: drawBitFlip,
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
