/** The log as the bytes on a disk tell it, whatever anybody says of it. */
import { RecordReader } from "../../src/codec/record";
import type { SimulatedDisk } from "../../src/simulation/disk";
import { readBatchHeader } from "../../src/store/batch";
import { HARD_STATE_FILE, slotOffset } from "../../src/store/hard-state";
import { decodeSlot } from "../../src/store/hard-state-slot";
import { FIRST_BATCH_OFFSET } from "../../src/store/segment";

/** No slot is longer. Units: bytes. */
const SLOT_BYTES_MAX = 128;

/** Names of the segments in the order they were written. */
export const segmentsOf = (disk: SimulatedDisk): readonly string[] =>
  disk.list().filter((name) => name.startsWith("log-"));

/** One segment, as far as its records are whole. */
export interface StoredSegment {
  readonly name: string;
  /** Where a record begins or the last one ends. Units: bytes from the start. */
  readonly borders: readonly number[];
  /** Number of its last batch; 0 where it has none. */
  readonly lastBatch: number;
}

export function readSegment(disk: SimulatedDisk, name: string): StoredSegment {
  const file = disk.file(name);
  const reader = new RecordReader(file.read(0, file.size));
  const borders = [Math.min(FIRST_BATCH_OFFSET, file.size)];
  let lastBatch = 0;
  for (let at = FIRST_BATCH_OFFSET; at < file.size && reader.check(at) === "intact"; ) {
    lastBatch = readBatchHeader(reader, at)?.number ?? lastBatch;
    at = reader.end(at);
    borders.push(at);
  }
  return { name, borders, lastBatch };
}

/** Number of the last batch of the whole log; 0 where there is none. */
export function lastBatchOf(disk: SimulatedDisk): number {
  for (const name of segmentsOf(disk).toReversed()) {
    const { lastBatch } = readSegment(disk, name);
    if (lastBatch > 0) return lastBatch;
  }
  return 0;
}

/** The last batch that the mark beside the hard state covers. */
export function markedBatchOf(disk: SimulatedDisk): number {
  if (!disk.has(HARD_STATE_FILE)) return 0;
  const file = disk.file(HARD_STATE_FILE);
  const slots = [0, 1].map((place) => decodeSlot(file.read(slotOffset(place), SLOT_BYTES_MAX)));
  const newest = Math.max(...slots.map((slot) => slot?.sequence ?? 0));
  return slots.find((slot) => slot?.sequence === newest)?.mark.batch ?? 0;
}
