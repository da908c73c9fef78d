/**
 * Brings the log back after a stop or a crash, and decides what damage means.
 *
 * A batch that was never synced may reach the disk in any order and in parts, so a bad record with
 * good ones behind it can be an innocent torn tail; a bad record that was once acknowledged is a
 * broken promise. What tells them apart is the highest durable mark that can be found: in the batch
 * headers before the damage, in those behind it, and beside the hard state.
 *
 *   damage at or below the mark   the node stops: `log_corrupted`
 *   damage above the mark         trimmed from the first bad record on, and said so
 *   no damage, but an end below   `forgottenUpTo`: no vote and no count until it has caught up
 *
 * A log that was cut goes on from a snapshot. Where it does not, it is no use:
 *
 *   it begins behind the snapshot             entries are lost: `log_corrupted`
 *   it ends before it, or has another entry   it starts anew with nothing behind the snapshot
 */
import { FatalError } from "../errors";
import { indexPlus, type LogIndex, logIndex } from "../types";
import { REPLACE_THIS_NODE, syncFailed } from "./fatal";
import type { DurableMark } from "./hard-state-slot";
import { mend, type ReplayEnd } from "./mending";
import { type FileSystem, NoSpaceError } from "./ports";
import { ReplayedLog, type SnapshotEnd } from "./replayed-log";
import { removeSegments, SegmentRun } from "./segment-run";
import { scanSegment } from "./segment-scan";

export interface RecoveredLog {
  readonly log: ReplayedLog;
  readonly segments: SegmentRun;
  readonly trimmed: string | null;
  readonly forgottenUpTo: LogIndex | null;
}

/**
 * The lowest index that a snapshot must reach for the log to go on from it; 0 where the log begins
 * with its first entry. Reads no more than the segments' heads. Errors: as `recoverLog`.
 */
export function logReachesBackTo(fileSystem: FileSystem): LogIndex {
  const { run } = SegmentRun.open(fileSystem, Number.POSITIVE_INFINITY);
  const heads = [...run].filter(({ hasHead }) => hasHead).map(({ head }) => head.previousIndex);
  run.close();
  return logIndex(heads.length > 0 ? Math.min(...heads) : 0);
}

/**
 * Replays all segments, mends what may be mended and makes the result durable. `snapshot` is the
 * one that the state begins with, durable under its name.
 * Errors: `FatalError` `log_corrupted`, `fsync_failed`, `write_failed`; `StartupError`
 * `data_unreadable`; `NoSpaceError`, and it may be begun again.
 */
export function recoverLog(
  fileSystem: FileSystem,
  mark: DurableMark,
  snapshot: SnapshotEnd | null,
): RecoveredLog {
  const { run, stragglers } = SegmentRun.open(fileSystem, snapshot?.lastIndex ?? 0);
  checkConnected(run, snapshot);
  const log = new ReplayedLog();
  const end = replay(run, log);
  const marks = Math.max(mark.batch, log.durableBatch);
  const isDamaged = end !== null && end.how !== "end";
  const trimmed = isDamaged ? mend({ run, log, damage: end, marks }) : null;
  if (log.incomplete) end?.segment.closeBatch(log.incomplete);
  const forgottenUpTo = forgottenBy(log, mark, snapshot);
  settle(fileSystem, run, log, marks);
  // Only now: until here a start that fails leaves everything as it was found.
  removeSegments(fileSystem, stragglers);
  if (snapshot === null || log.continues(snapshot)) log.endReplay(snapshot);
  else startAnew(run, log, snapshot, forgottenUpTo !== null);
  return { log, segments: run, trimmed, forgottenUpTo };
}

/** Reads segment after segment; null when there is none. */
function replay(run: SegmentRun, log: ReplayedLog): ReplayEnd | null {
  let end: ReplayEnd | null = null;
  for (const segment of run) {
    const bytes = segment.readAll();
    end = { ...scanSegment(segment, bytes, log), segment, bytes };
    segment.end = end.offset;
    if (end.how !== "end") return end;
  }
  return end;
}

function checkConnected({ first }: SegmentRun, snapshot: SnapshotEnd | null): void {
  const lastIndex = snapshot?.lastIndex ?? 0;
  if (!first?.hasHead) return;
  const { previousIndex } = first.head;
  if (previousIndex <= lastIndex) return;
  const file = first.path;
  const message =
    `${file}: the log begins behind entry ${previousIndex}, yet no snapshot reaches beyond ` +
    `entry ${lastIndex}; what lies between is missing`;
  throw new FatalError("log_corrupted", message, { file, nextStep: REPLACE_THIS_NODE });
}

/**
 * See `Recovered.forgottenUpTo`. What a snapshot stands for is not forgotten. Where a truncation is
 * lost, what it had replaced is back, and the log may seem to reach far enough: but only one that
 * goes beyond its end, as a leader has it, is known to hold what was acknowledged.
 */
function forgottenBy(
  log: ReplayedLog,
  mark: DurableMark,
  snapshot: SnapshotEnd | null,
): LogIndex | null {
  const snapshotIndex = snapshot?.lastIndex ?? 0;
  if (snapshotIndex >= mark.index || log.lastBatch > mark.batch) return null;
  if (log.lastIndex < mark.index) return mark.index;
  return log.lastBatch < mark.batch ? indexPlus(log.lastIndex, 1) : null;
}

/**
 * Makes durable what was read: a killed process leaves bytes that only the cache holds. What no
 * mark covers is written again first, for a sync that failed before may have left pages that look
 * clean and are not on disk. The zeros behind the log are among them, or trimmed bytes come back.
 */
function settle(fileSystem: FileSystem, run: SegmentRun, log: ReplayedLog, marks: number): void {
  const { last } = run;
  try {
    last?.rewrite(last.isEmpty ? 0 : (log.offsetAfter(marks) ?? last.end));
    fileSystem.syncDirectory();
  } catch (error) {
    // What was read is unharmed: whoever frees some room may try again.
    if (error instanceof NoSpaceError) throw error;
    throw syncFailed(last?.path ?? fileSystem.describe(""), error);
  }
  last?.sync();
}

/**
 * A log that has forgotten something keeps its number of batches, so that a start after a crash
 * right here sees the same. Otherwise the replacement counts as one, as in `SegmentedLog.reset`.
 */
function startAnew(
  run: SegmentRun,
  log: ReplayedLog,
  snapshot: SnapshotEnd,
  hasForgotten: boolean,
): void {
  const previousBatch = log.lastBatch + (hasForgotten ? 0 : 1);
  run.startAnew({ previousBatch, previousIndex: snapshot.lastIndex });
  log.startAnew(snapshot, previousBatch);
}
