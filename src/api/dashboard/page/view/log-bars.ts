/** The logs of all nodes on one scale, from what is in a snapshot to the last entry. */
import type { LogMarks } from "./node-view";

/** How much of the log is shown: all of it, or this many of its last entries. */
export type Reach = "all" | 1_000 | 100;

export interface LogBar {
  /** Each from 0 to 1 along the bar; each contains those before. */
  readonly snapshot: number;
  readonly applied: number;
  readonly committed: number;
  readonly last: number;
  /** How many entries the longest log has beyond this one's last. */
  readonly behind: number;
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
    behind: lastIndex - marks.lastIndex,
  };
}
