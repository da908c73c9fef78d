/** A way to the disk that changes what is done to single files. */
import type { File, FileSystem } from "../../../src/store/ports";

/** The same disk, each of its opened files seen through `wrap`. */
export const filesThrough = (
  files: FileSystem,
  wrap: (file: File, name: string) => File,
): FileSystem => ({
  lock: () => files.lock(),
  unlock: () => files.unlock(),
  list: () => files.list(),
  exists: (name) => files.exists(name),
  rename: (from, to) => files.rename(from, to),
  remove: (name) => files.remove(name),
  syncDirectory: () => files.syncDirectory(),
  describe: (name) => files.describe(name),
  open: (name, options) => wrap(files.open(name, options), name),
});

/** The same file but for what `changes` says. */
export const fileWith = (file: File, changes: Partial<File>): File => ({
  size: () => file.size(),
  read: (position, length) => file.read(position, length),
  write: (position, bytes) => file.write(position, bytes),
  dataSync: () => file.dataSync(),
  startDataSync: (done) => file.startDataSync(done),
  close: () => file.close(),
  ...changes,
});

/** A file whose writer leaves some bytes alone and goes on behind them, as `O_APPEND` does. */
export class ShiftedFile {
  /** To be used in the place of the real one. */
  readonly file: File;
  #from = Number.POSITIVE_INFINITY;
  #by = 0;

  constructor(real: File) {
    this.file = fileWith(real, {
      read: (position, length) => real.read(this.shifted(position), length),
      write: (position, bytes) => real.write(this.shifted(position), bytes),
    });
  }

  /** Where the writer's `position` really is. */
  shifted(position: number): number {
    return position >= this.#from ? position + this.#by : position;
  }

  /** From now on `count` bytes, at the writer's `position`, are passed over. */
  passOver(position: number, count: number): void {
    this.#from = Math.min(this.#from, position);
    this.#by += count;
  }
}

export const isZeros = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
