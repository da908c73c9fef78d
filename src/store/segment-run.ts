/**
 * The segments that make up the log: numbered without a gap, oldest first. It grows at its end, is
 * cut at its beginning, and is replaced as a whole when a snapshot takes its place.
 *
 * Whatever is removed, it is removed only when what follows is durable, so a crash can leave
 * segments that should be gone but never lacks one that is needed:
 *
 *   cut      1 2 3 4 5   →   4 5       a crash may leave 2, or 1 and 3, in front
 *   anew     4 5         →   6         a crash may leave 4, or 5, in front
 */
import { assert } from "../assert";
import type { LogIndex } from "../types";
import { temporaryName, writeZeros } from "./durable-file";
import { syncFailed, writeFailed } from "./fatal";
import { type FileSystem, NoSpaceError } from "./ports";
import { Segment } from "./segment";
import { FIRST_BATCH_OFFSET, type SegmentHead } from "./segment-head";

/** Room for a segment's first bytes; becomes that segment. */
const SPARE_FILE = temporaryName("spare.balsa");

/** What a directory holds: the log, and older segments that were removed but came back. */
interface FoundSegments {
  readonly run: SegmentRun;
  readonly stragglers: readonly Segment[];
}

export class SegmentRun {
  readonly #segments: Segment[];
  /** The next batch begins a new segment. */
  #isRolling = false;

  constructor(
    private readonly fileSystem: FileSystem,
    segments: readonly Segment[],
  ) {
    this.#segments = [...segments];
  }

  /**
   * Finds the run that ends with the newest segment. It begins as early as it can, but where a
   * snapshot up to `snapshotIndex` reaches: a cut that was lost in part may have left segments in
   * front of which others are missing. Errors: as `Segment.openAll`.
   */
  static open(fileSystem: FileSystem, snapshotIndex: number): FoundSegments {
    const all = Segment.openAll(fileSystem);
    const first = all.findLastIndex(
      (segment, place) => segment.startsAnew || all[place - 1]?.sequence !== segment.sequence - 1,
    );
    const unbroken = all.slice(Math.max(0, first));
    // Where a head is spoiled nobody knows: left in front, the replay will stop there.
    const connected = unbroken.findIndex(
      (segment) => !segment.hasHead || segment.head.previousIndex <= snapshotIndex,
    );
    const place = all.length - unbroken.length + Math.max(0, connected);
    return { run: new SegmentRun(fileSystem, all.slice(place)), stragglers: all.slice(0, place) };
  }

  get first(): Segment | null {
    return this.#segments[0] ?? null;
  }
  get last(): Segment | null {
    return this.#segments.at(-1) ?? null;
  }
  get length(): number {
    return this.#segments.length;
  }

  get(sequence: number): Segment {
    const segment = this.#segments[sequence - (this.first?.sequence ?? 0)];
    assert(segment?.sequence === sequence, "a segment of the run is open");
    return segment;
  }

  [Symbol.iterator](): Iterator<Segment> {
    return this.#segments.values();
  }

  /** The segment that a batch of `length` bytes goes to; null where the next one is due. */
  fitting(length: number, segmentBytesMax: number): Segment | null {
    const { last } = this;
    if (last === null || last.isEmpty) return last;
    return this.#isRolling || last.end + length > segmentBytesMax ? null : last;
  }

  /**
   * Lets the next batch begin a new segment; but one that is less than half full of what was
   * preallocated for it goes on, for each costs so much room: it is cut off a little later.
   */
  roll(preallocateBytes: number): void {
    if (this.last && this.last.end * 2 >= preallocateBytes) this.#isRolling = true;
  }

  /**
   * Creates the next one, durably; `bytes` are preallocated, in the file `spare` if it names one.
   * What stands before it is made durable first, so that each segment vouches for all of its
   * predecessors, and one sync is always enough.
   * Errors: as `Segment.create` and `Segment.sync`.
   */
  add(head: SegmentHead, bytes: number, spare: string | null = null): Segment {
    this.last?.sync();
    const sequence = (this.last?.sequence ?? 0) + 1;
    const segment = Segment.create(this.fileSystem, { sequence, head, bytes, spare });
    this.#segments.push(segment);
    this.#isRolling = false;
    return segment;
  }

  /**
   * Removes the segments that hold nothing behind `baseIndex`, durably: those before the last one
   * that was created when the log ended there at most. So whatever a crash leaves of what follows,
   * it reaches back to `baseIndex`. The newest always stays. Errors: `FatalError`.
   */
  cut(baseIndex: LogIndex): void {
    const first = this.#segments.findLastIndex(({ head }) => head.previousIndex <= baseIndex);
    removeSegments(this.fileSystem, this.#segments.splice(0, Math.max(0, first)));
  }

  /**
   * Lets a new segment take the place of all others, durably. It is small, for it may be needed on
   * a disk that is nearly full. Errors: `NoSpaceError`, and nothing was changed; `FatalError`.
   */
  startAnew(head: Omit<SegmentHead, "startsAnew">): void {
    const segment = this.add({ ...head, startsAnew: true }, 0, SPARE_FILE);
    removeSegments(this.fileSystem, this.#segments.splice(0, this.#segments.indexOf(segment)));
  }

  /** Takes the room for that, so that nothing can be lacking then. Errors: `NoSpaceError`. */
  prepareAnew(): void {
    const file = this.fileSystem.open(SPARE_FILE, { create: true });
    try {
      writeZeros(file, 0, FIRST_BATCH_OFFSET);
      file.dataSync();
    } catch (error) {
      if (error instanceof NoSpaceError) this.fileSystem.remove(SPARE_FILE);
      throw error;
    } finally {
      file.close();
    }
  }

  /** Removes the newest, which was never finished; durable with the next directory sync. */
  dropLast(): void {
    const segment = this.#segments.pop();
    assert(segment !== undefined, "there is a segment to drop");
    segment.close();
    this.fileSystem.remove(segment.name);
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
  }
}

/** Removes segments, oldest first, durably. Errors: `FatalError` `write_failed`, `fsync_failed`. */
export function removeSegments(fileSystem: FileSystem, segments: readonly Segment[]): void {
  if (segments.length === 0) return;
  for (const segment of segments) {
    segment.close();
    try {
      fileSystem.remove(segment.name);
    } catch (error) {
      throw writeFailed(segment.path, error);
    }
  }
  try {
    fileSystem.syncDirectory();
  } catch (error) {
    throw syncFailed(fileSystem.describe(""), error);
  }
}
