/** A snapshot that comes in, chunk by chunk: see `SnapshotReceiving`. */
import { assert } from "../assert";
import { StartupError } from "../errors";
import type { ClusterId, SnapshotInfo } from "../types";
import type { KvProjection } from "./kv-projection";
import { type LoadedSnapshot, SnapshotDamagedError, type SnapshotReceiving } from "./ports";
import type { SnapshotFile } from "./snapshot-file";
import { SnapshotLoader } from "./snapshot-loader";

export interface SnapshotReceiverOptions {
  readonly info: SnapshotInfo;
  readonly clusterId: ClusterId;
  readonly makeProjection: () => KvProjection;
  readonly file: SnapshotFile;
  readonly publish: () => void;
}

export class SnapshotReceiver implements SnapshotReceiving<KvProjection> {
  readonly #options: SnapshotReceiverOptions;
  #loader: SnapshotLoader | null = null;
  #isLoaded = false;

  constructor(options: SnapshotReceiverOptions) {
    this.#options = options;
  }

  get info(): SnapshotInfo {
    return this.#options.info;
  }

  write(offset: number, bytes: Uint8Array): void {
    const { file, info } = this.#options;
    assert(this.#loader === null, "nothing comes in once it is read");
    assert(offset === file.size(), "a chunk begins where the last one ended");
    if (offset + bytes.length > info.byteLength) {
      throw new SnapshotDamagedError(`${file.path}: more came in than ${info.byteLength} bytes`);
    }
    file.append(bytes);
  }

  sync(done: () => void): void {
    this.#options.file.sync(done);
  }

  loadSlice(): LoadedSnapshot<KvProjection> | null {
    assert(!this.#isLoaded, "a snapshot is loaded once");
    try {
      this.#loader ??= this.#makeLoader();
      const loaded = this.#loader.step();
      this.#isLoaded = loaded !== null;
      return loaded;
    } catch (error) {
      // A peer of a later version, whom the handshake should have told.
      if (error instanceof StartupError) throw new SnapshotDamagedError(error.message);
      throw error;
    }
  }

  publish(): SnapshotInfo {
    assert(this.#isLoaded, "only a snapshot that could be loaded is published");
    this.#options.publish();
    return this.info;
  }

  abandon(): void {
    this.#options.file.abandon();
  }

  #makeLoader(): SnapshotLoader {
    const { clusterId, file, info, makeProjection } = this.#options;
    return new SnapshotLoader({ file, makeProjection, expected: { ...info, clusterId } });
  }
}
