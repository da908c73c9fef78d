/** A peer's progress in plain arithmetic: where to look next, and what fits into the window. */
import { indexPlus, type LogIndex, logIndex, type Term } from "../../types";
import {
  bytesBetween,
  firstIndexOfTerm,
  type LogShape,
  lastIndexUpToTerm,
  lastIndexWithin,
} from "../log-shape";

/** How much may be on its way to one peer. */
export interface WindowLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Of entries in one AppendEntries; at least one entry is always sent. */
  readonly messageBytesMax: number;
  /** Chunks of a snapshot on their way at once. */
  readonly snapshotChunksMax: number;
  /** Of one chunk; the last one of a snapshot is shorter. */
  readonly snapshotChunkBytes: number;
}
export const defaultWindow: WindowLimits = {
  messagesMax: 64,
  bytesMax: 4 * 1024 * 1024,
  messageBytesMax: 256 * 1024,
  snapshotChunksMax: 4,
  snapshotChunkBytes: 256 * 1024,
};

export interface InFlight {
  readonly lastIndex: LogIndex;
  readonly bytes: number;
}

export interface Progress {
  readonly window: WindowLimits;
  /** The leader's log as it was last told of. */
  readonly log: LogShape;
  /** Invariant: `matchIndex < nextIndex` and `log.baseIndex < nextIndex <= log.lastIndex + 1`. */
  readonly nextIndex: LogIndex;
  readonly matchIndex: LogIndex;
  /** Ascending by index; empty in `probe`. */
  readonly inFlight: readonly InFlight[];
}

/** What a peer said of a message that did not fit behind its log. */
export interface Rejection {
  readonly prevLogIndex: LogIndex;
  readonly conflictTerm: Term | null;
  readonly conflictIndex: LogIndex;
}

/** The first entry to send that the log still holds, with nothing known beyond `matchIndex`. */
export const firstUnmatched = (log: LogShape, matchIndex: LogIndex): LogIndex =>
  logIndex(Math.max(matchIndex, log.baseIndex) + 1);

/**
 * Where to look next, in one round trip per conflicting term (§5.3): behind the leader's own
 * entries of the conflicting term where it has any, else at the follower's first of them.
 */
export function backtrack(log: LogShape, matchIndex: LogIndex, rejection: Rejection): LogIndex {
  const { conflictTerm, conflictIndex, prevLogIndex } = rejection;
  let next = conflictIndex;
  if (conflictTerm !== null && firstIndexOfTerm(log, conflictTerm) !== null) {
    const behindTerm = indexPlus(lastIndexUpToTerm(log, conflictTerm), 1);
    if (behindTerm <= prevLogIndex) next = behindTerm;
  }
  return logIndex(Math.max(indexPlus(matchIndex, 1), Math.min(next, prevLogIndex)));
}

/**
 * What a rejection leaves of a peer's progress. A peer that refuses the very index it acknowledged
 * last has lost its tail (it came back on a damaged disk): nothing is known of it any more. Probing
 * at `matchIndex` would go on for ever.
 */
export function stepBack({ log, matchIndex }: Progress, rejection: Rejection) {
  const hasForgotten = rejection.prevLogIndex === matchIndex;
  const match = hasForgotten ? logIndex(0) : matchIndex;
  return { matchIndex: match, nextIndex: backtrack(log, match, rejection), inFlight: [] };
}

/** What still fits into the window from `nextIndex` on, as ranges of one message each. */
export function windowRanges(progress: Progress): readonly (InFlight & { first: LogIndex })[] {
  const { inFlight, log, window } = progress;
  const ranges: (InFlight & { first: LogIndex })[] = [];
  let first = progress.nextIndex;
  let bytesInFlight = inFlight.reduce((sum, message) => sum + message.bytes, 0);
  while (
    first <= log.lastIndex &&
    inFlight.length + ranges.length < window.messagesMax &&
    bytesInFlight < window.bytesMax
  ) {
    const lastIndex = lastIndexWithin(log, first, window.messageBytesMax);
    const bytes = bytesBetween(log, first, lastIndex);
    ranges.push({ first, lastIndex, bytes });
    bytesInFlight += bytes;
    first = indexPlus(lastIndex, 1);
  }
  return ranges;
}
