/** When a snapshot is due: by entries or by bytes, each node of a cluster at its own time. */
import { type LogIndex, logIndex } from "../types";

/** A snapshot as its maker speaks of it. */
export interface TakenSnapshot {
  readonly index: LogIndex;
  /** Of its file. */
  readonly bytes: number;
  /** How many keys and remembered answers it holds. */
  readonly parts: number;
  /** What the state's keys and values take when they are not compressed. */
  readonly stateBytes: number;
}

/**
 * Applied entries between two snapshots: as many as are asked for, and of a state with more parts
 * than that at least as many as it has parts. So snapshots write one part for each entry at most,
 * on the whole, however large the state (two while it grows from nothing), and a restart seldom
 * replays more than two entries for each part that it loads. It grows by doubling: nodes whose
 * states differ a little keep to one grid.
 */
export function entriesBetween(snapshotEntries: number, parts: number): number {
  let spacing = snapshotEntries;
  while (spacing < parts) spacing *= 2;
  return spacing;
}

/** This node's place among those of its cluster. Invariant: `0 <= rank < of`. */
export interface Phase {
  readonly rank: number;
  readonly of: number;
}

/**
 * The applied entry at which a node takes its next snapshot. All nodes apply the same entries at
 * about the same time, so each has its own place on a common grid: no two pause at once. The next
 * place is never nearer than half a spacing, nor as far as one and a half.
 */
export function dueIndexAfter(lastIndex: LogIndex, spacing: number, { of, rank }: Phase): LogIndex {
  const offset = Math.floor((rank * spacing) / of);
  const places = Math.ceil((lastIndex + spacing / 2 - offset) / spacing);
  return logIndex(offset + places * spacing);
}

/**
 * Bytes of log after which a snapshot is due. A log that may grow by a quarter of the state keeps
 * the cost of snapshots in proportion to what is written, and a directory within four times its
 * live data. At its fullest it holds the two snapshots that are kept, a third that is about to be
 * published, and as many stretches of log: from the older one to the newer, from there to the
 * third, and what is logged until that is published, which is as much at most: `writingBytes`.
 * Each snapshot with its stretch takes five quarters of the state, so what compression saves on
 * the one may be spent on the other:
 *
 *     3 · bytes + 3 · (stateBytes / 4 + stateBytes - bytes) = 3.75 · stateBytes
 *
 * That is so while all three compress alike. Where values come that do not, in the place of some
 * that did, there may be a state more until the third is published.
 */
export const dueBytes = (
  snapshotBytesMin: number,
  { bytes, stateBytes }: Pick<TakenSnapshot, "bytes" | "stateBytes">,
): number =>
  // Of tiny values the file is longer than they are, and nothing is saved.
  snapshotBytesMin + Math.max(bytes, stateBytes) / 4 + Math.max(0, stateBytes - bytes);

/**
 * Bytes that may be logged from the turn of the log on until a snapshot is written whole: its pace
 * is set by the log. The last quarter of what may be logged between two is left for what no pace
 * can hurry, its data sync. Nothing holds the writes back meanwhile: where more is logged than
 * that, each of the three stretches may be longer by as much.
 */
export const writingBytes = (dueBytes: number): number => (dueBytes * 3) / 4;
