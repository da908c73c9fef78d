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
 */
import { assert } from "../assert";
import { RecordReader } from "../codec/record";
import { FatalError } from "../errors";
import type { LogIndex } from "../types";
import { findBatchHeaders } from "./batch";
import { REPLACE_THIS_NODE, syncFailed } from "./fatal";
import type { DurableMark } from "./hard-state-slot";
import type { FileSystem } from "./ports";
import { ReplayedLog } from "./replayed-log";
import { Segment } from "./segment";
import { type ScanEnd, scanSegment } from "./segment-scan";

export interface RecoveredLog {
  readonly log: ReplayedLog;
  readonly segments: Segment[];
  readonly trimmed: string | null;
  readonly forgottenUpTo: LogIndex | null;
}

/** Where the replay stopped: at the end of the last segment, or at the first bad record. */
interface ReplayEnd extends ScanEnd {
  readonly segment: Segment;
  readonly bytes: Uint8Array;
}

/**
 * Replays all segments, mends what may be mended and makes the result durable.
 * Errors: `FatalError` `log_corrupted`, `StartupError` `data_unreadable`.
 */
export function recoverLog(fileSystem: FileSystem, mark: DurableMark): RecoveredLog {
  const segments = Segment.openAll(fileSystem);
  const log = new ReplayedLog();
  const end = replay(segments, log);
  const marks = Math.max(mark.batch, log.durableBatch);
  const isDamaged = end !== null && end.how !== "end";
  const trimmed = isDamaged ? mend({ fileSystem, segments, log, damage: end, marks }) : null;
  if (log.incomplete) end?.segment.closeBatch(log.incomplete);
  settle(fileSystem, segments, log, marks);
  const forgotten =
    log.lastBatch < mark.batch || (log.lastBatch === mark.batch && log.lastIndex < mark.index);
  return { log, segments, trimmed, forgottenUpTo: forgotten ? mark.index : null };
}

/** Reads segment after segment; null when there is none. */
function replay(segments: readonly Segment[], log: ReplayedLog): ReplayEnd | null {
  let end: ReplayEnd | null = null;
  for (const segment of segments) {
    const bytes = segment.readAll();
    end = { ...scanSegment(segment, bytes, log), segment, bytes };
    segment.end = end.offset;
    if (end.how !== "end") return end;
  }
  return end;
}

interface Mending {
  readonly fileSystem: FileSystem;
  readonly segments: Segment[];
  readonly log: ReplayedLog;
  readonly damage: ReplayEnd;
  /** The highest durable mark known without looking behind the damage. */
  readonly marks: number;
}

/** Trims the damage away and says so, or stops the node. */
function mend({ fileSystem, segments, log, damage, marks }: Mending): string | null {
  const { path } = damage.segment;
  const behind = marksBehind(segments, damage);
  const isCutShort = damage.how === "cut" && behind === null;
  const isDurable = damage.batch <= Math.max(marks, behind ?? 0);
  if (damage.how === "foreign" || (isDurable && !isCutShort)) throw corrupted(log, damage);

  if (damage.offset === 0) {
    dropLast(fileSystem, segments);
    return null;
  }
  const bytes = damage.segment.file.size() - damage.offset;
  damage.segment.zeroFrom(damage.offset);
  return (
    `${path}: trimmed ${bytes} bytes from byte ${damage.offset} on (${damage.detail}); ` +
    `the log ends with entry ${log.lastIndex}`
  );
}

/**
 * The highest durable mark behind the damage, or null where nothing whole is there. A later segment
 * vouches for all of its predecessors, for they were synced before it was created.
 */
function marksBehind(segments: readonly Segment[], damage: ReplayEnd): number | null {
  if (segments.at(-1) !== damage.segment) return Number.POSITIVE_INFINITY;
  let highest: number | null = null;
  for (const header of findBatchHeaders(new RecordReader(damage.bytes), damage.badOffset)) {
    highest = Math.max(highest ?? 0, header.durableBatch);
  }
  return highest;
}

function dropLast(fileSystem: FileSystem, segments: Segment[]): void {
  const segment = segments.pop();
  assert(segment !== undefined, "there is a segment to drop");
  segment.file.close();
  fileSystem.remove(segment.name);
}

/**
 * Makes durable what was read: a killed process leaves bytes that only the cache holds. What no
 * mark covers is written again first, for a sync that failed before may have left pages that look
 * clean and are not on disk. The zeros behind the log are among them, or trimmed bytes come back.
 */
function settle(
  fileSystem: FileSystem,
  segments: readonly Segment[],
  log: ReplayedLog,
  marks: number,
): void {
  const last = segments.at(-1);
  try {
    last?.rewrite(last.isEmpty ? 0 : (log.offsetAfter(marks) ?? last.end));
    fileSystem.syncDirectory();
  } catch (error) {
    throw syncFailed(last?.path ?? fileSystem.describe(""), error);
  }
  last?.sync();
}

function corrupted(log: ReplayedLog, damage: ReplayEnd): FatalError {
  const { path } = damage.segment;
  const message =
    `${path}: damaged at byte ${damage.badOffset} (${damage.detail}), after entry ` +
    `${log.lastIndex}; entries there may have been acknowledged, so they are not trimmed`;
  return new FatalError("log_corrupted", message, {
    file: path,
    offset: damage.badOffset,
    nextStep: REPLACE_THIS_NODE,
  });
}
