/** The log as the bytes on a disk tell it, whatever anybody says of it. */
import { isZero, RecordReader } from "../../src/codec/record";
import type { SimulatedDisk } from "../../src/simulation/disk";
import { readBatchHeader } from "../../src/store/batch";
import { HARD_STATE_FILE, slotOffset } from "../../src/store/hard-state";
import { decodeSlot } from "../../src/store/hard-state-slot";
import { FIRST_BATCH_OFFSET } from "../../src/store/segment-head";

/** No slot is longer. Units: bytes. */
const SLOT_BYTES_MAX = 128;

export const isSegment = (name: string): boolean => name.startsWith("log-");

/** One segment, as far as its records are whole. */
export interface StoredSegment {
  /** Where a record begins or the last one ends. Units: bytes from the start. */
  readonly borders: readonly number[];
  /** Number of its last batch; 0 where it has none. */
  readonly lastBatch: number;
  /** Whether behind the last border stands something other than zeros. */
  readonly isDamaged: boolean;
}

export function readSegment(bytes: Uint8Array): StoredSegment {
  const reader = new RecordReader(bytes);
  const borders: number[] = [];
  let lastBatch = 0;
  let at = Math.min(FIRST_BATCH_OFFSET, bytes.length);
  for (; reader.check(at) === "intact"; at = reader.end(at)) {
    borders.push(at);
    lastBatch = readBatchHeader(reader, at)?.number ?? lastBatch;
  }
  return { borders: [...borders, at], lastBatch, isDamaged: !isZero(bytes, at) };
}

const contentsOf = (disk: SimulatedDisk, name: string): Uint8Array =>
  disk.file(name).read(0, disk.file(name).size);

/** The newest segment; null on a disk without a log. */
export function newestSegment(disk: SimulatedDisk): (StoredSegment & { name: string }) | null {
  const name = disk.list().findLast(isSegment);
  return name === undefined ? null : { ...readSegment(contentsOf(disk, name)), name };
}

/** Number of the last batch of the whole log; 0 where there is none. */
export function lastBatchOf(disk: SimulatedDisk): number {
  for (const name of disk.list().filter(isSegment).toReversed()) {
    const { lastBatch } = readSegment(contentsOf(disk, name));
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
