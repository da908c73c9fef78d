/** The logs of all nodes on one scale, from what is in a snapshot to the last entry. */
import type { Live } from "../answers";
import type { LogMarks } from "./node-view";

/** How much of the log is shown: all of it, or this many of its last entries. */
export type Reach = "all" | 1_000 | 100;

export interface LogBar {
  /** Each from 0 to 1 along the bar; each contains those before. */
  readonly snapshot: number;
  readonly applied: number;
  readonly committed: number;
  readonly last: number;
}

export interface LogScale {
  readonly firstIndex: number;
  readonly lastIndex: number;
}

/** One scale for all: its end is the longest log's. */
export function logScale(logs: readonly LogMarks[], reach: Reach): LogScale {
  const lastIndex = Math.max(1, ...logs.map((marks) => marks.lastIndex));
  const firstIndex = reach === "all" ? 0 : Math.max(0, lastIndex - reach);
  return { firstIndex, lastIndex };
}

/** A log on the scale. */
export function logBar(marks: LogMarks, { firstIndex, lastIndex }: LogScale): LogBar {
  const part = (index: number) =>
    Math.min(1, Math.max(0, (index - firstIndex) / (lastIndex - firstIndex)));
  return {
    snapshot: part(marks.snapshotIndex),
    applied: part(marks.appliedIndex),
    committed: part(marks.commitIndex),
    last: part(marks.lastIndex),
  };
}

/**
 * How many entries of the leader's log a follower is not known to have; null without a leader's
 * word. Two nodes' own words are of two moments, and would differ under load alone.
 */
export function entriesBehind(leader: Live | null, id: number): number | null {
  const match = leader?.peers.find((peer) => peer.id === id)?.match_index ?? null;
  return leader === null || match === null ? null : leader.log.last_index - match;
}
