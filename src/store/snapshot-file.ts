/** A snapshot's file while it grows: every fault but a full disk ends the store. */
import { AssertionError } from "../assert";
import { FatalError } from "../errors";
import type { SnapshotInfo } from "../types";
import { TemporaryFile, temporaryName } from "./durable-file";
import { syncFailed, writeFailed } from "./fatal";
import { type FileSystem, NoSpaceError } from "./ports";
import { withReserve } from "./reserve";
import { snapshotName } from "./snapshot-catalogue";

export interface SnapshotFileOptions {
  readonly fileSystem: FileSystem;
  /** Of the temporary file, without its ending. */
  readonly name: string;
  /** Frees the room that was kept back for this; false when there is none. */
  readonly releaseReserve: () => boolean;
  readonly onFatal: (error: FatalError) => void;
}

export class SnapshotFile {
  /** For messages. */
  readonly path: string;
  readonly #options: SnapshotFileOptions;
  readonly #file: TemporaryFile;

  constructor(options: SnapshotFileOptions) {
    const name = temporaryName(options.name);
    this.#options = options;
    this.#file = new TemporaryFile(options.fileSystem, name);
    this.path = options.fileSystem.describe(name);
  }

  size(): number {
    return this.#file.length;
  }

  /** Errors: any that the disk has, for the reader to judge. */
  read(position: number, length: number): Uint8Array {
    return this.#file.read(position, length);
  }

  /** Errors: `NoSpaceError`; it may be tried again. */
  append(bytes: Uint8Array): void {
    this.#orFail(() => this.#withReserve(() => this.#file.append(bytes)));
  }

  sync(done: () => void): void {
    this.#orFail(() =>
      this.#file.sync((error) => {
        if (error === null) done();
        else this.#options.onFatal(syncFailed(this.path, error));
      }),
    );
  }

  /** Durable when it returns. Here not even a full disk can be waited out. */
  publish(info: SnapshotInfo): void {
    this.#orFail(() => {
      try {
        this.#withReserve(() => this.#file.publishAs(snapshotName(info)));
      } catch (error) {
        throw error instanceof NoSpaceError ? writeFailed(this.path, error) : error;
      }
    });
  }

  abandon(): void {
    this.#orFail(() => this.#file.abandon());
  }

  /** Snapshots may use the reserve: they are what makes room in the end. */
  #withReserve(work: () => void): void {
    withReserve(this.#options.releaseReserve, work);
  }

  #orFail(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof NoSpaceError || error instanceof AssertionError) throw error;
      const fatal = error instanceof FatalError ? error : writeFailed(this.path, error);
      this.#options.onFatal(fatal);
      throw fatal;
    }
  }
}
