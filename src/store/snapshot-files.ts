/** The snapshots of a data directory: see `SnapshotStore`. */
import { assert } from "../assert";
import { FatalError } from "../errors";
import { type ClusterId, isSameSnapshot, type SnapshotInfo } from "../types";
import { writeFailed } from "./fatal";
import type { KvProjection } from "./kv-projection";
import type { FileSystem, SnapshotHead, SnapshotStore } from "./ports";
import { keepOnly, snapshotName } from "./snapshot-catalogue";
import { encodeSnapshot } from "./snapshot-encoder";
import { SnapshotFile } from "./snapshot-file";
import { SnapshotReceiver } from "./snapshot-receiver";
import { SnapshotWriter } from "./snapshot-writer";
import type { StateCut } from "./state-cut";

export interface SnapshotFilesOptions {
  readonly fileSystem: FileSystem;
  readonly clusterId: ClusterId;
  /** Newest first. */
  readonly published: readonly SnapshotInfo[];
  /** A blank one, for a snapshot that comes in. */
  readonly makeProjection: () => KvProjection;
  /** See `StoreLimits`. */
  readonly snapshotBlockBytes: number;
  readonly snapshotsKept: number;
  /** Frees the room that was kept back for this; false when there is none. */
  readonly releaseReserve: () => boolean;
  readonly onFatal: (error: FatalError) => void;
}

export class SnapshotFiles implements SnapshotStore<StateCut, KvProjection> {
  readonly #options: SnapshotFilesOptions;
  #published: readonly SnapshotInfo[];
  isNeeded: (info: SnapshotInfo) => boolean = () => false;

  constructor(options: SnapshotFilesOptions) {
    this.#options = options;
    this.#published = options.published;
  }

  get published(): readonly SnapshotInfo[] {
    return this.#published;
  }

  write(cut: StateCut, about: Pick<SnapshotHead, "configuration">): SnapshotWriter {
    const { clusterId, snapshotBlockBytes } = this.#options;
    const file = this.#growing(snapshotName(cut));
    return new SnapshotWriter({
      cut,
      pieces: encodeSnapshot(cut, { ...about, clusterId }, snapshotBlockBytes),
      file,
      publish: (info) => this.#publish(file, info, this.#kept(info)),
    });
  }

  receive(info: SnapshotInfo): SnapshotReceiver {
    const { clusterId, makeProjection } = this.#options;
    // A name of its own: a snapshot of the same entry may be on its way here.
    const file = this.#growing(`${snapshotName(info)}.received`);
    const publish = () => this.#publish(file, info, [info]);
    return new SnapshotReceiver({ info, clusterId, makeProjection, file, publish });
  }

  read(info: SnapshotInfo, offset: number, byteLength: number): Uint8Array {
    const isPublished = this.#published.some((published) => isSameSnapshot(published, info));
    assert(isPublished, "only a published snapshot is read");
    const { fileSystem, onFatal } = this.#options;
    const name = snapshotName(info);
    try {
      const file = fileSystem.open(name, { create: false });
      try {
        return file.read(offset, byteLength);
      } finally {
        file.close();
      }
    } catch (error) {
      const fatal = readFailed(fileSystem.describe(name), error);
      onFatal(fatal);
      throw fatal;
    }
  }

  #growing(name: string): SnapshotFile {
    const { fileSystem, onFatal, releaseReserve } = this.#options;
    return new SnapshotFile({ fileSystem, name, onFatal, releaseReserve });
  }

  #publish(file: SnapshotFile, info: SnapshotInfo, kept: readonly SnapshotInfo[]): void {
    const newest = this.#published[0];
    assert(!newest || newest.lastIndex < info.lastIndex, "snapshots never go backwards");
    file.publish(info);
    this.#published = kept;
    this.#removeOthers();
  }

  /** The newest ones with `newest`, and those that a peer is being sent. */
  #kept(newest: SnapshotInfo): readonly SnapshotInfo[] {
    const all = [newest, ...this.#published];
    return all.filter((info, place) => place < this.#options.snapshotsKept || this.isNeeded(info));
  }

  #removeOthers(): void {
    const { fileSystem, onFatal } = this.#options;
    try {
      keepOnly(fileSystem, this.#published);
    } catch (error) {
      const fatal = writeFailed(fileSystem.describe(""), error);
      onFatal(fatal);
      throw fatal;
    }
  }
}

const readFailed = (path: string, cause: unknown): FatalError =>
  new FatalError("snapshot_corrupted", `${path}: the disk refused a read: ${cause}`, {
    file: path,
    nextStep: "check the disk, then start the node again: it sets a bad snapshot aside",
    cause,
  });
