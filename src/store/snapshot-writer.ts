/** A snapshot on its way to its file, slice by slice: see `SnapshotWriting`. */
import { assert } from "../assert";
import type { SnapshotInfo } from "../types";
import type { SnapshotWriting } from "./ports";
import type { SnapshotFile } from "./snapshot-file";
import type { StateCut } from "./state-cut";

export interface SnapshotWriterOptions {
  /** Released as soon as all of it is written or nobody wants it any more. */
  readonly cut: StateCut;
  readonly pieces: Generator<Uint8Array, SnapshotInfo>;
  readonly file: SnapshotFile;
  readonly publish: (info: SnapshotInfo) => void;
}

export class SnapshotWriter implements SnapshotWriting {
  readonly #options: SnapshotWriterOptions;
  /** Encoded, and not written yet: the disk was full when it was tried. */
  #waiting: Uint8Array | null = null;
  #info: SnapshotInfo | null = null;

  constructor(options: SnapshotWriterOptions) {
    this.#options = options;
  }

  get byteLength(): number {
    return this.#options.file.size();
  }

  writeSlice(): boolean {
    const { cut, file, pieces } = this.#options;
    assert(this.#info === null, "nothing follows the whole");
    if (this.#waiting === null) {
      const next = pieces.next();
      if (next.done) {
        this.#info = next.value;
        cut.release();
        return true;
      }
      this.#waiting = next.value;
    }
    file.append(this.#waiting);
    this.#waiting = null;
    return false;
  }

  sync(done: () => void): void {
    assert(this.#info !== null, "a snapshot is synced when all of it is written");
    this.#options.file.sync(done);
  }

  publish(): SnapshotInfo {
    assert(this.#info !== null, "a snapshot is published when all of it is written");
    this.#options.publish(this.#info);
    return this.#info;
  }

  abandon(): void {
    this.#options.cut.release();
    this.#options.file.abandon();
  }
}
