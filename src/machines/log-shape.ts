/**
 * What the protocol needs to know of a log, without its payloads: where each term begins, where it
 * ends, and roughly how many bytes lie between two indexes. An immutable value: every change
 * gives a new one, so that a replicator may keep looking at the log it was told of.
 *
 * Terms never fall along a log (Raft §5.3), so one start per term describes all of them.
 */
import { assert } from "../assert";
import { indexPlus, type LogIndex, logIndex, type SnapshotInfo, type Term, term } from "../types";

interface TermStart {
  readonly term: Term;
  readonly firstIndex: LogIndex;
}
/** `bytesThrough` counts everything up to and with `index`. */
interface SizeMark {
  readonly index: LogIndex;
  readonly bytesThrough: number;
}

export interface LogShape {
  /** The entry before the first one held; 0 and term 0 for a whole log. */
  readonly baseIndex: LogIndex;
  readonly baseTerm: Term;
  /** Invariant: `baseIndex <= lastIndex`. */
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /** Ascending in term and index. The first is in force at the base, of a whole log at entry 1. */
  readonly termStarts: readonly TermStart[];
  /** Ascending; coarse, so that a long log has few. */
  readonly sizeMarks: readonly SizeMark[];
  /** Bytes through `lastIndex`. */
  readonly bytesThrough: number;
}

/** Entries of one term, as they come in. Units: bytes of their records. */
export interface EntryRun {
  readonly term: Term;
  readonly byteLengths: readonly number[];
}

/** Size marks lie at least this many bytes apart. */
export const SIZE_MARK_SPACING_BYTES = 64 * 1024;

export const emptyLogShape: LogShape = {
  baseIndex: logIndex(0),
  baseTerm: term(0),
  lastIndex: logIndex(0),
  lastTerm: term(0),
  termStarts: [],
  sizeMarks: [],
  bytesThrough: 0,
};

/** The log with `run` behind its last entry. */
export function appendRun(shape: LogShape, run: EntryRun): LogShape {
  if (run.byteLengths.length === 0) return shape;
  assert(run.term >= shape.lastTerm, "terms never fall along a log");
  const marks: SizeMark[] = [];
  let { bytesThrough } = shape;
  let marked = shape.sizeMarks.at(-1)?.bytesThrough ?? 0;
  let index = shape.lastIndex;
  for (const byteLength of run.byteLengths) {
    index = indexPlus(index, 1);
    bytesThrough += byteLength;
    if (bytesThrough - marked < SIZE_MARK_SPACING_BYTES) continue;
    marks.push({ index, bytesThrough });
    marked = bytesThrough;
  }
  const startsTerm = run.term > shape.lastTerm || shape.termStarts.length === 0;
  const firstIndex = indexPlus(shape.lastIndex, 1);
  return {
    ...shape,
    lastIndex: index,
    lastTerm: run.term,
    termStarts: startsTerm
      ? [...shape.termStarts, { term: run.term, firstIndex }]
      : shape.termStarts,
    sizeMarks: marks.length > 0 ? [...shape.sizeMarks, ...marks] : shape.sizeMarks,
    bytesThrough,
  };
}

/** The log with everything from `firstIndex` on removed. */
export function truncateFrom(shape: LogShape, firstIndex: LogIndex): LogShape {
  if (firstIndex > shape.lastIndex) return shape;
  assert(firstIndex > shape.baseIndex, "a compacted entry is committed and never removed");
  const lastIndex = indexPlus(firstIndex, -1);
  const sizeMarks = shape.sizeMarks.filter((mark) => mark.index <= lastIndex);
  return {
    ...shape,
    lastIndex,
    lastTerm: termAt(shape, lastIndex) ?? shape.baseTerm,
    termStarts: shape.termStarts.filter((start) => start.firstIndex <= lastIndex),
    sizeMarks,
    bytesThrough: bytesThroughIndex(shape, lastIndex),
  };
}

/**
 * The log without the entries up to and with `baseIndex`. What is known of those behind stays
 * exact: the term in force at the base is kept with its start, and the last size mark before it.
 */
export function compact(shape: LogShape, baseIndex: LogIndex): LogShape {
  if (baseIndex <= shape.baseIndex) return shape;
  const baseTerm = termAt(shape, baseIndex);
  assert(baseTerm !== null, "a log is compacted only as far as it reaches");
  const isLater = ({ firstIndex }: TermStart): boolean => firstIndex > baseIndex;
  const isBehind = ({ index }: SizeMark): boolean => index > baseIndex;
  return {
    ...shape,
    baseIndex,
    baseTerm,
    termStarts: lastBeforeAndAll(shape.termStarts, isLater),
    sizeMarks: lastBeforeAndAll(shape.sizeMarks, isBehind),
  };
}

/** The last element before the first that `isLater`, and from there on all. */
function lastBeforeAndAll<T>(ascending: readonly T[], isLater: (item: T) => boolean) {
  const first = ascending.findIndex(isLater);
  return ascending.slice(Math.max(0, (first < 0 ? ascending.length : first) - 1));
}

/** An empty log behind the last entry that a snapshot stands for. */
export function shapeBehind({
  lastIndex,
  lastTerm,
}: Pick<SnapshotInfo, "lastIndex" | "lastTerm">): LogShape {
  if (lastIndex === 0) return emptyLogShape;
  return {
    ...emptyLogShape,
    baseIndex: lastIndex,
    baseTerm: lastTerm,
    lastIndex,
    lastTerm,
    termStarts: [{ term: lastTerm, firstIndex: lastIndex }],
  };
}

/** The term of the entry at `index`; null where the log does not reach or is compacted. */
export function termAt(shape: LogShape, index: LogIndex): Term | null {
  if (index === shape.lastIndex) return shape.lastTerm;
  if (index > shape.lastIndex || index < shape.baseIndex) return null;
  if (index === shape.baseIndex) return shape.baseTerm;
  return shape.termStarts.findLast((start) => start.firstIndex <= index)?.term ?? null;
}

/**
 * First index that holds `wanted`, or null where no entry does. The base counts as an entry; of its
 * term the start may lie before it.
 */
export function firstIndexOfTerm(shape: LogShape, wanted: Term): LogIndex | null {
  return shape.termStarts.findLast((start) => start.term === wanted)?.firstIndex ?? null;
}

/** Last index whose term is at most `wanted`: where a conflict of that term may end. */
export function lastIndexUpToTerm(shape: LogShape, wanted: Term): LogIndex {
  const next = shape.termStarts.find((start) => start.term > wanted);
  return next ? indexPlus(next.firstIndex, -1) : shape.lastIndex;
}

/** Bytes of `firstIndex…lastIndex`, to within one size mark. */
export function bytesBetween(shape: LogShape, firstIndex: LogIndex, lastIndex: LogIndex): number {
  const before = bytesThroughIndex(shape, indexPlus(firstIndex, -1));
  return Math.max(0, bytesThroughIndex(shape, lastIndex) - before);
}

/** The last index to send from `firstIndex` on, within about `bytesMax`; at least `firstIndex`. */
export function lastIndexWithin(shape: LogShape, firstIndex: LogIndex, bytesMax: number): LogIndex {
  const before = bytesThroughIndex(shape, indexPlus(firstIndex, -1));
  if (shape.bytesThrough - before <= bytesMax) return shape.lastIndex;
  const beyond = shape.sizeMarks.findIndex((mark) => mark.bytesThrough - before > bytesMax);
  const reached = beyond < 0 ? shape.lastIndex : (shape.sizeMarks[beyond - 1]?.index ?? firstIndex);
  return reached > firstIndex ? reached : firstIndex;
}

/** Bytes through `index`: exact at the end and at marks, the mark before it otherwise. */
function bytesThroughIndex(shape: LogShape, index: LogIndex): number {
  if (index >= shape.lastIndex) return shape.bytesThrough;
  return shape.sizeMarks.findLast((mark) => mark.index <= index)?.bytesThrough ?? 0;
}
