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
 * than that up to as many as it has parts. So snapshots write two parts for each entry at most, on
 * the whole, however large the state, and a restart hardly replays more entries than it loads
 * parts. It grows by doubling: nodes whose states differ a little keep to one grid.
 */
export function entriesBetween(snapshotEntries: number, parts: number): number {
  let spacing = snapshotEntries;
  while (spacing * 2 <= parts) spacing *= 2;
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
 * live data: two snapshots, one being written, and the log. What compression saves on the first
 * three leaves room for as much more log, and a snapshot costs no less for it.
 */
export const dueBytes = (
  snapshotBytesMin: number,
  last: Pick<TakenSnapshot, "bytes" | "stateBytes">,
): number => snapshotBytesMin + last.bytes / 4 + Math.max(0, last.stateBytes - last.bytes);
