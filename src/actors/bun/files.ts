/** The store's file system on a real directory, by `node:fs`. */
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { assert } from "../../assert";
import { StartupError } from "../../errors";
import { type File, type FileSystem, NoSpaceError } from "../../store/ports";
import type { SnapshotSource } from "../../store/snapshot-loader";
import { type DirectoryLock, lockDirectory } from "./directory-lock";

const LOCK_FILE = "lock";

/** Opens a data directory, which is created, durably, where it does not exist. */
export class DataDirectory implements FileSystem {
  readonly #path: string;
  #lock: DirectoryLock | null = null;

  constructor(path: string) {
    this.#path = resolve(path);
    createDirectory(this.#path);
  }

  lock(): void {
    assert(this.#lock === null, "the directory is locked once");
    this.#lock = lockDirectory(this.describe(LOCK_FILE));
  }

  unlock(): void {
    this.#lock?.release();
    this.#lock = null;
  }

  list(): readonly string[] {
    return readdirSync(this.#path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  }

  exists(name: string): boolean {
    return existsSync(this.describe(name));
  }

  open(name: string, options: { readonly create: boolean }): File {
    const path = this.describe(name);
    const isNew = options.create && !existsSync(path);
    return new OpenFile(withSpace(() => openSync(path, isNew ? "wx+" : "r+")));
  }

  rename(from: string, to: string): void {
    withSpace(() => renameSync(this.describe(from), this.describe(to)));
  }

  remove(name: string): void {
    unlinkSync(this.describe(name));
  }

  syncDirectory(): void {
    syncDirectory(this.#path);
  }

  describe(name: string): string {
    return join(this.#path, name);
  }
}

/**
 * A backup somewhere on this machine, opened when it is first looked at: a later start names it
 * still and needs it no more. Errors: `StartupError` `data_unreadable`.
 */
export function backupFile(path: string): SnapshotSource {
  let file: OpenFile | null = null;
  const open = (): OpenFile => {
    try {
      file ??= new OpenFile(openSync(path, "r"));
      return file;
    } catch (error) {
      throw new StartupError("data_unreadable", `--restore ${path} cannot be read: ${error}`);
    }
  };
  return {
    path,
    size: () => open().size(),
    read: (position, length) => open().read(position, length),
  };
}

class OpenFile implements File {
  constructor(private readonly descriptor: number) {}

  size(): number {
    return fstatSync(this.descriptor).size;
  }

  read(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size() - position)));
    for (let read = 0; read < bytes.length; ) {
      const count = readSync(this.descriptor, bytes, read, bytes.length - read, position + read);
      if (count === 0) return bytes.subarray(0, read);
      read += count;
    }
    return bytes;
  }

  write(position: number, bytes: Uint8Array): number {
    return withSpace(() => writeSync(this.descriptor, bytes, 0, bytes.length, position));
  }

  dataSync(): void {
    fdatasyncSync(this.descriptor);
  }

  startDataSync(done: (error: Error | null) => void): void {
    fdatasync(this.descriptor, (error) => done(error ?? null));
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Makes every folder down to `path`, each name durable in its parent. */
function createDirectory(path: string): void {
  let first: string | undefined;
  try {
    first = mkdirSync(path, { recursive: true });
  } catch (error) {
    const what = `${path} cannot be made a data directory: ${error}`;
    throw new StartupError("data_unreadable", `${what}; give another with --data`);
  }
  if (first === undefined) return;
  for (let created = path; ; created = dirname(created)) {
    syncDirectory(dirname(created));
    if (created === first) return;
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Runs `work`, telling a full disk from every other fault. Errors: `NoSpaceError`. */
function withSpace<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOSPC" || code === "EDQUOT") throw new NoSpaceError(String(error));
    throw error;
  }
}
