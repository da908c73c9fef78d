/** Writing whole, and writing so that a crash leaves the old file or the new one. */
import { assert } from "../assert";
import { type File, type FileSystem, NoSpaceError } from "./ports";

const TEMPORARY_SUFFIX = ".tmp";
const ZEROS = new Uint8Array(256 * 1024);

/** Writes all of `bytes`, however few the file takes at a time. Errors: as `File.write`. */
export function writeWhole(file: File, position: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    const taken = file.write(position + written, written ? bytes.subarray(written) : bytes);
    // A disk that takes nothing and names no reason is full for all we can tell.
    if (taken === 0) throw new NoSpaceError("the disk took no more bytes");
    written += taken;
  }
}

/** Writes zeros from `position` up to, excluding, `end`. Errors: as `File.write`. */
export function writeZeros(file: File, position: number, end: number): void {
  for (let at = position; at < end; at += ZEROS.length) {
    writeWhole(file, at, ZEROS.subarray(0, Math.min(ZEROS.length, end - at)));
  }
}

export const temporaryName = (name: string): string => name + TEMPORARY_SUFFIX;

/** Creates or replaces `name` durably and at once: after a crash it is the old or the new one. */
export function replaceFile(
  fileSystem: FileSystem,
  name: string,
  pieces: Iterable<Uint8Array>,
): void {
  const temporary = temporaryName(name);
  const file = fileSystem.open(temporary, { create: true });
  try {
    let length = 0;
    for (const piece of pieces) {
      writeWhole(file, length, piece);
      length += piece.length;
    }
    file.dataSync();
  } finally {
    file.close();
  }
  fileSystem.rename(temporary, name);
  fileSystem.syncDirectory();
}

/** Removes what a crash left half written. */
export function removeTemporaryFiles(fileSystem: FileSystem): void {
  for (const name of fileSystem.list()) {
    if (name.endsWith(TEMPORARY_SUFFIX)) fileSystem.remove(name);
  }
}

/**
 * A file that grows under a temporary name and gets its own once it is whole and durable. It is
 * created by its first write, for that may find the disk full.
 */
export class TemporaryFile {
  #file: File | null = null;
  #length = 0;
  /** Everything up to here is durable. */
  #synced = 0;
  #isSyncing = false;
  #isOver = false;

  constructor(
    private readonly fileSystem: FileSystem,
    private readonly name: string,
  ) {}

  get length(): number {
    return this.#length;
  }

  /** Writes `bytes` behind what it holds. Errors: as `File.write`; it may be tried again. */
  append(bytes: Uint8Array): void {
    writeWhole(this.#open(), this.#length, bytes);
    this.#length += bytes.length;
  }

  read(position: number, length: number): Uint8Array {
    return this.#open().read(position, Math.min(length, this.#length - position));
  }

  /**
   * Begins a data sync; `done` is called once it is over. Of a file that was abandoned meanwhile
   * only a fault is told: a disk that fails a sync has failed, whoever still wants the bytes.
   */
  sync(done: (error: Error | null) => void): void {
    const file = this.#open();
    const length = this.#length;
    assert(!this.#isSyncing, "one sync at a time is under way");
    this.#isSyncing = true;
    file.startDataSync((error) => {
      this.#isSyncing = false;
      if (this.#isOver) file.close();
      else if (error === null) this.#synced = length;
      if (error !== null || !this.#isOver) done(error);
    });
  }

  /** Gives it its name, durably. Errors: as `FileSystem.rename`. */
  publishAs(name: string): void {
    assert(this.#length > 0 && this.#synced === this.#length, "only durable bytes get their name");
    this.fileSystem.rename(this.name, name);
    this.fileSystem.syncDirectory();
    this.#close();
  }

  /** Removes it. */
  abandon(): void {
    if (this.#isOver) return;
    if (this.#file !== null) this.fileSystem.remove(this.name);
    this.#close();
  }

  #open(): File {
    assert(!this.#isOver, "a file is not used when it is over");
    this.#file ??= this.fileSystem.open(this.name, { create: true });
    return this.#file;
  }

  /** A file whose sync is under way is closed when that is over: its number may be used again. */
  #close(): void {
    this.#isOver = true;
    if (!this.#isSyncing) this.#file?.close();
  }
}
