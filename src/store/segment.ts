/** One file of the log: a head, then batches, then zeros up to the preallocated end. */
import { assert } from "../assert";
import { encodeBatchHeader, type OpenBatch } from "./batch";
import { writeWhole, writeZeros } from "./durable-file";
import { syncFailed, writeFailed } from "./fatal";
import { type File, type FileSystem, NoSpaceError } from "./ports";
import {
  decodeSegmentHead,
  encodeSegmentHead,
  FIRST_BATCH_OFFSET,
  type SegmentHead,
} from "./segment-head";

const NAME = /^log-(\d{8,})-\d{16}\.balsa$/;

export class Segment {
  /** Where the next batch goes. Invariant: only zeros stand from here on. */
  end = FIRST_BATCH_OFFSET;
  #allocated: number;
  readonly #head: SegmentHead | null;
  #isSyncing = false;
  #isClosed = false;

  private constructor(
    readonly name: string,
    /** Segments are numbered from 1 in the order they were written, without a gap. */
    readonly sequence: number,
    readonly file: File,
    /** For messages. */
    readonly path: string,
    head: SegmentHead | null,
  ) {
    this.#allocated = file.size();
    this.#head = head;
  }

  /**
   * A new segment, durable under its name before this returns; in the room of the file `spare`, if
   * it names one. The index in the name is for people: a segment that begins with a truncation
   * begins lower.
   * Errors: `NoSpaceError`, and nothing was created.
   */
  static create(
    fileSystem: FileSystem,
    options: { sequence: number; head: SegmentHead; bytes: number; spare: string | null },
  ): Segment {
    const sequence = String(options.sequence).padStart(8, "0");
    const firstIndex = String(options.head.previousIndex + 1).padStart(16, "0");
    const name = `log-${sequence}-${firstIndex}.balsa`;
    const begunAs = options.spare ?? name;
    let file = fileSystem.open(begunAs, { create: true });
    try {
      writeWhole(file, 0, encodeSegmentHead(options.head));
      writeZeros(file, FIRST_BATCH_OFFSET, options.bytes);
      file.dataSync();
    } catch (error) {
      file.close();
      if (error instanceof NoSpaceError) {
        // Durably, for appends go on in its predecessor, for which a later segment would vouch.
        fileSystem.remove(begunAs);
        fileSystem.syncDirectory();
      }
      throw error;
    }
    if (begunAs !== name) {
      file.close();
      fileSystem.rename(begunAs, name);
      file = fileSystem.open(name, { create: false });
    }
    fileSystem.syncDirectory();
    return new Segment(name, options.sequence, file, fileSystem.describe(name), options.head);
  }

  /** Whether the directory holds any. */
  static exist(fileSystem: FileSystem): boolean {
    return fileSystem.list().some((name) => NAME.test(name));
  }

  /**
   * All segments of the directory in the order they were written. Errors: `StartupError`
   * `data_unreadable` where a later version wrote one.
   */
  static openAll(fileSystem: FileSystem): Segment[] {
    const segments: Segment[] = [];
    for (const name of fileSystem.list()) {
      const sequence = NAME.exec(name)?.[1];
      if (sequence === undefined) continue;
      const file = fileSystem.open(name, { create: false });
      const path = fileSystem.describe(name);
      const head = decodeSegmentHead(file.read(0, FIRST_BATCH_OFFSET), path);
      segments.push(new Segment(name, Number(sequence), file, path, head));
    }
    return segments.sort((a, b) => a.sequence - b.sequence);
  }

  get isEmpty(): boolean {
    return this.end === FIRST_BATCH_OFFSET;
  }

  readAll(): Uint8Array {
    return this.file.read(0, this.file.size());
  }

  /** False where a crash or damage spoiled its first bytes. */
  get hasHead(): boolean {
    return this.#head !== null;
  }

  get head(): SegmentHead {
    assert(this.#head !== null, "a segment in use has a head");
    return this.#head;
  }

  /** Whether nothing before it counts any more. */
  get startsAnew(): boolean {
    return this.#head?.startsAnew === true;
  }

  /** Makes everything in it durable, blocking. Errors: `FatalError` `fsync_failed`. */
  sync(): void {
    try {
      this.file.dataSync();
    } catch (error) {
      throw syncFailed(this.path, error);
    }
  }

  /** The same without blocking; one at a time. As `File.startDataSync`. */
  startSync(done: (error: Error | null) => void): void {
    assert(!this.#isSyncing, "one data sync at a time");
    this.#isSyncing = true;
    this.file.startDataSync((error) => {
      this.#isSyncing = false;
      if (this.#isClosed) this.file.close();
      done(error);
    });
  }

  /** Closes the file once no data sync is under way: its number may soon be another file's. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isSyncing) this.file.close();
  }

  /**
   * Writes a batch and returns where it begins. When the file is too short it grows by at least
   * `growth` bytes of zeros first. Errors: `NoSpaceError`; then nothing of the batch is
   * there, durably, so that no refused entry ever comes back from the dead.
   */
  append(batch: Uint8Array, growth: number): number {
    const start = this.end;
    const end = start + batch.length;
    if (end > this.#allocated) this.#allocate(end, growth);
    try {
      writeWhole(this.file, start, batch);
    } catch (error) {
      if (error instanceof NoSpaceError) this.zeroFrom(start);
      throw error;
    }
    this.end = end;
    return start;
  }

  /**
   * Overwrites everything from `offset` on with zeros, durably. Errors: `FatalError`, also on a
   * full disk, for then nobody knows what is left there.
   */
  zeroFrom(offset: number): void {
    this.#allocated = this.file.size();
    try {
      writeZeros(this.file, offset, this.#allocated);
    } catch (error) {
      throw writeFailed(this.path, error);
    }
    this.sync();
    this.end = offset;
  }

  /**
   * Lets a batch that lacks entries end with those it has, so that damage to what is written behind
   * it is never taken for damage to this one, which the next mark will cover.
   */
  closeBatch({ header, offset, taken }: OpenBatch): void {
    writeWhole(this.file, offset, encodeBatchHeader({ ...header, count: taken }));
  }

  /** Writes all that stands from `offset` on once more, so that the next sync surely covers it. */
  rewrite(offset: number): void {
    writeWhole(this.file, offset, this.file.read(offset, this.file.size() - offset));
  }

  #allocate(end: number, growth: number): void {
    const target = Math.max(end, this.#allocated + growth);
    try {
      writeZeros(this.file, this.#allocated, target);
    } catch (error) {
      // What was taken are zeros, and zeros are the end of a segment; they may even be enough.
      if (!(error instanceof NoSpaceError) || this.file.size() < end) throw error;
    } finally {
      this.#allocated = this.file.size();
    }
  }
}
