/**
 * Room kept back by a zero-filled file. When the disk is full the file goes, so that deletes,
 * no-ops and configuration still find room, and sets are refused until there is enough for it
 * again.
 */

import type { FatalError } from "../errors";
import { temporaryName, writeZeros } from "./durable-file";
import { syncFailed, writeFailed } from "./fatal";
import { type File, type FileSystem, NoSpaceError } from "./ports";

export const RESERVE_FILE = "reserve.balsa";
const TEMPORARY = temporaryName(RESERVE_FILE);

/**
 * Does `work`, and once more with the room that `release` gives back, where it gives any. Errors:
 * as `work`.
 */
export function withReserve<Result>(release: () => boolean, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NoSpaceError) || !release()) throw error;
    return work();
  }
}

export class Reserve {
  #whole: boolean;
  /** The file being filled again while its sync is under way. */
  #restoring: File | null = null;

  constructor(
    private readonly fileSystem: FileSystem,
    private readonly bytes: number,
    private readonly onFatal: (error: FatalError) => void,
  ) {
    // It gets its name only once it is durable, so what bears the name is whole.
    this.#whole = fileSystem.exists(RESERVE_FILE);
  }

  /** The same for a directory whose store is not open yet. False when it keeps no room back. */
  static drop(fileSystem: FileSystem): boolean {
    if (!fileSystem.exists(RESERVE_FILE)) return false;
    fileSystem.remove(RESERVE_FILE);
    // Some file systems free the blocks of a removed file only with its directory's sync.
    fileSystem.syncDirectory();
    return true;
  }

  /** Whether the room is there. */
  get whole(): boolean {
    return this.#whole;
  }

  /** Gives the room back to the disk. False when there was none to give. */
  release(): boolean {
    if (this.#cancel()) return true;
    if (!this.#whole) return false;
    this.#whole = false;
    return Reserve.drop(this.fileSystem);
  }

  /** Takes the room back if the disk has it: filled at once, `whole` once durable. */
  restore(): void {
    if (this.#whole || this.#restoring) return;
    const file = this.#fill();
    if (!file) return;
    this.#restoring = file;
    file.startDataSync((error) => {
      if (this.#restoring !== file) return;
      if (error) {
        this.onFatal(syncFailed(this.fileSystem.describe(TEMPORARY), error));
        return;
      }
      this.#publishOrFail(file);
    });
  }

  /** The same, blocking: at start. */
  restoreNow(): void {
    if (this.#whole) return;
    const file = this.#fill();
    if (!file) return;
    file.dataSync();
    this.#publish(file);
  }

  close(): void {
    this.#cancel();
  }

  #fill(): File | null {
    let file: File | null = null;
    try {
      file = this.fileSystem.open(TEMPORARY, { create: true });
      writeZeros(file, 0, this.bytes);
      return file;
    } catch (error) {
      file?.close();
      if (this.fileSystem.exists(TEMPORARY)) this.fileSystem.remove(TEMPORARY);
      if (error instanceof NoSpaceError) return null;
      throw error;
    }
  }

  /** In the background nobody hears a throw. */
  #publishOrFail(file: File): void {
    try {
      this.#publish(file);
    } catch (error) {
      if (error instanceof NoSpaceError) this.#cancel();
      else this.onFatal(writeFailed(this.fileSystem.describe(RESERVE_FILE), error));
    }
  }

  #publish(file: File): void {
    this.fileSystem.rename(TEMPORARY, RESERVE_FILE);
    this.fileSystem.syncDirectory();
    file.close();
    this.#restoring = null;
    this.#whole = true;
  }

  /** Gives up filling it again. False when nothing was under way. */
  #cancel(): boolean {
    if (!this.#restoring) return false;
    this.#restoring.close();
    this.#restoring = null;
    this.fileSystem.remove(TEMPORARY);
    return true;
  }
}
