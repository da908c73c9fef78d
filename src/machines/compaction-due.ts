/** When a snapshot is due: by entries or by bytes, each node of a cluster at its own time. */
import { type LogIndex, logIndex } from "../types";

/** A snapshot as its maker speaks of it. */
export interface TakenSnapshot {
  readonly index: LogIndex;
  /** Of its file. */
  readonly bytes: number;
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
 * live data: two snapshots, one being written, and the log.
 */
export const dueBytes = (snapshotBytesMin: number, lastBytes: number): number =>
  snapshotBytesMin + lastBytes / 4;
