/** What to do about damage in the log: trim it where it was never acknowledged, else stop. */
import { RecordReader } from "../codec/record";
import { FatalError } from "../errors";
import { findBatchHeaders } from "./batch";
import { REPLACE_THIS_NODE } from "./fatal";
import type { ReplayedLog } from "./replayed-log";
import type { Segment } from "./segment";
import type { SegmentRun } from "./segment-run";
import type { ScanEnd } from "./segment-scan";

/** Where the replay stopped: at the end of the last segment, or at the first bad record. */
export interface ReplayEnd extends ScanEnd {
  readonly segment: Segment;
  readonly bytes: Uint8Array;
}

interface Mending {
  readonly run: SegmentRun;
  readonly log: ReplayedLog;
  readonly damage: ReplayEnd;
  /** The highest durable mark known without looking behind the damage. */
  readonly marks: number;
}

/** Trims the damage away and says so, or stops the node. Errors: `FatalError` `log_corrupted`. */
export function mend({ run, log, damage, marks }: Mending): string | null {
  const { path } = damage.segment;
  const behind = marksBehind(run, damage);
  const isCutShort = damage.how === "cut" && behind === null;
  const isDurable = damage.batch <= Math.max(marks, behind ?? 0);
  if (damage.how === "foreign" || (isDurable && !isCutShort)) throw corrupted(log, damage);

  if (damage.offset === 0) {
    // The first of a run was finished before those in front of it were removed.
    if (run.length === 1 && damage.segment.sequence > 1) throw corrupted(log, damage);
    run.dropLast();
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
function marksBehind(run: SegmentRun, damage: ReplayEnd): number | null {
  if (run.last !== damage.segment) return Number.POSITIVE_INFINITY;
  let highest: number | null = null;
  for (const header of findBatchHeaders(new RecordReader(damage.bytes), damage.badOffset)) {
    highest = Math.max(highest ?? 0, header.durableBatch);
  }
  return highest;
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
