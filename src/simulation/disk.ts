/**
 * A disk in memory that loses what real disks lose. A process mounts it, as production code opens
 * a directory; the test, or the simulator's nemesis, holds the disk itself and decides what breaks.
 *
 * The same calls with the same numbers from `random` leave the same bytes: nothing here draws
 * randomness or time of its own.
 */
import type { Clock } from "../actors/clock";
import { StartupError } from "../errors";
import { type File, type FileSystem, NoSpaceError } from "../store/ports";
import { extremesOften, type Random, StoredFile } from "./stored-file";

/** What a process is about to do to the disk. */
export interface DiskOperation {
  readonly kind: "create" | "read" | "write" | "sync" | "rename" | "remove" | "syncDirectory";
  /** The file's name, empty for the directory. */
  readonly name: string;
}

/**
 * What goes wrong with one operation. `bytesTaken` is what a write puts down before it stops; a
 * `shortWrite` then reports so many, as `write(2)` may.
 */
export type DiskFault =
  | { readonly kind: "shortWrite"; readonly bytesTaken: number }
  | { readonly kind: "noSpace"; readonly bytesTaken: number }
  /** On a sync: what it should have saved is lost although later syncs succeed. */
  | { readonly kind: "ioError" }
  /** The process dies just before the operation. */
  | { readonly kind: "crash" };

/** Thrown at a process that is dead, by whatever it still tries: nothing of it is done. */
export class ProcessDiedError extends Error {
  override readonly name = "ProcessDiedError";
}

/** A change of names that no directory sync has carried over. */
interface NameChange {
  readonly removed: string | null;
  readonly added: { readonly name: string; readonly file: StoredFile } | null;
}

export class SimulatedDisk {
  /** Sum of all file sizes that the disk can hold. */
  capacityBytes = Number.POSITIVE_INFINITY;
  readOnly = false;
  /** How long a background sync takes; null hangs for ever. */
  syncDelayMs: () => number | null = () => 0;
  /** Asked before each operation whether and how it fails. */
  onOperation: (operation: DiskOperation) => DiskFault | null = () => null;

  #names = new Map<string, StoredFile>();
  #durableNames = new Map<string, StoredFile>();
  #unsynced: NameChange[] = [];
  #mount: Mount | null = null;

  /** The disk as the next process sees it, with that process's clock. One at a time may lock it. */
  mount(clock: Pick<Clock, "setTimeout">): FileSystem {
    return new Mount(this, clock);
  }

  /** The process dies, the machine lives: whatever was written stays to be read. */
  kill(): void {
    this.#mount?.die();
    this.#mount = null;
  }

  /** The power fails: what no sync has covered is kept, dropped or torn, piece by piece. */
  crash(random: Random): void {
    this.kill();
    const keepChance = extremesOften(random);
    for (const change of this.#unsynced) {
      if (random() < keepChance) apply(this.#durableNames, change);
    }
    this.#unsynced = [];
    this.#names = new Map(this.#durableNames);
    // In order of name: equal calls must draw equal numbers.
    const files = new Set([...this.#names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, f]) => f));
    for (const file of files) file.crash(random);
  }

  /** Flips one bit at rest. Units: `offset` in bytes. */
  flipBit(name: string, offset: number, bit = 0): void {
    this.file(name).flipBit(offset, bit);
  }

  /** Cuts a file off behind `size` bytes, at rest. */
  cut(name: string, size: number): void {
    this.file(name).cut(size);
  }

  /** Removes a file at rest, durably. */
  lose(name: string): void {
    this.#names.delete(name);
    this.#durableNames.delete(name);
  }

  list(): readonly string[] {
    return [...this.#names.keys()].sort();
  }

  /** A file as readers see it. Errors when there is none. */
  file(name: string): StoredFile {
    const file = this.#names.get(name);
    if (!file) throw new Error(`no such file: ${name}`);
    return file;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Bytes that are still free. */
  get roomBytes(): number {
    let used = 0;
    for (const file of this.#names.values()) used += file.size;
    return this.capacityBytes - used;
  }

  /** For the mount. */
  takeLock(mount: Mount): void {
    if (this.#mount !== null) {
      throw new StartupError("data_locked", "the simulated disk is held by a running process");
    }
    this.#mount = mount;
  }

  /** For the mount. */
  releaseLock(mount: Mount): void {
    if (this.#mount === mount) this.#mount = null;
  }

  /** For the mount. */
  change(change: NameChange): void {
    apply(this.#names, change);
    this.#unsynced.push(change);
  }

  /** For the mount. */
  syncNames(): void {
    for (const change of this.#unsynced) apply(this.#durableNames, change);
    this.#unsynced = [];
  }
}

function apply(names: Map<string, StoredFile>, { removed, added }: NameChange): void {
  if (removed !== null) names.delete(removed);
  if (added) names.set(added.name, added.file);
}

const inputOutputError = (operation: DiskOperation) =>
  new Error(`EIO: the simulated disk failed to ${operation.kind} ${operation.name}`);

/** One process's view of the disk, dead after it was killed. */
class Mount implements FileSystem {
  #alive = true;

  constructor(
    readonly disk: SimulatedDisk,
    readonly clock: Pick<Clock, "setTimeout">,
  ) {}

  die(): void {
    this.#alive = false;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Lets the disk's owner interfere; returns the fault that the operation itself must act out. */
  begin(operation: DiskOperation): DiskFault | null {
    if (!this.#alive) throw new ProcessDiedError("this process has died");
    const fault = this.disk.onOperation(operation);
    if (fault?.kind === "crash") {
      this.disk.kill();
      this.#alive = false;
      throw new ProcessDiedError(`killed before it could ${operation.kind} ${operation.name}`);
    }
    return fault;
  }

  /** An operation that works or fails as a whole. */
  #perform(operation: DiskOperation): void {
    const fault = this.begin(operation);
    if (fault?.kind === "noSpace") throw new NoSpaceError("the simulated disk is full");
    if (fault || this.disk.readOnly) throw inputOutputError(operation);
  }

  lock(): void {
    this.disk.takeLock(this);
  }

  unlock(): void {
    this.disk.releaseLock(this);
  }

  list(): readonly string[] {
    return this.disk.list();
  }

  exists(name: string): boolean {
    return this.disk.has(name);
  }

  open(name: string, options: { readonly create: boolean }): File {
    if (options.create && !this.disk.has(name)) {
      this.#perform({ kind: "create", name });
      this.disk.change({ removed: null, added: { name, file: new StoredFile() } });
    }
    return new OpenFile(this, name, this.disk.file(name));
  }

  rename(from: string, to: string): void {
    this.#perform({ kind: "rename", name: from });
    this.disk.change({ removed: from, added: { name: to, file: this.disk.file(from) } });
  }

  remove(name: string): void {
    this.#perform({ kind: "remove", name });
    this.disk.change({ removed: name, added: null });
  }

  syncDirectory(): void {
    this.#perform({ kind: "syncDirectory", name: "" });
    this.disk.syncNames();
  }

  describe(name: string): string {
    return `/simulated/${name}`;
  }
}

class OpenFile implements File {
  constructor(
    private readonly mount: Mount,
    private readonly name: string,
    private readonly stored: StoredFile,
  ) {}

  size(): number {
    return this.stored.size;
  }

  read(position: number, length: number): Uint8Array {
    const operation = { kind: "read", name: this.name } as const;
    if (this.mount.begin(operation)) throw inputOutputError(operation);
    return this.stored.read(position, length);
  }

  write(position: number, bytes: Uint8Array): number {
    const operation = { kind: "write", name: this.name } as const;
    const fault = this.mount.begin(operation);
    if (fault?.kind === "ioError" || this.mount.disk.readOnly) throw inputOutputError(operation);
    const limit = fault && "bytesTaken" in fault ? fault.bytesTaken : bytes.length;
    const room = this.stored.size + this.mount.disk.roomBytes - position;
    const taken = Math.max(0, Math.min(bytes.length, limit, room));
    if (taken > 0) this.stored.write(position, bytes.subarray(0, taken));
    if (fault?.kind === "noSpace" || (taken === 0 && bytes.length > 0)) {
      throw new NoSpaceError("the simulated disk is full");
    }
    return taken;
  }

  dataSync(): void {
    const operation = { kind: "sync", name: this.name } as const;
    const fault = this.mount.begin(operation);
    if (fault) {
      this.stored.lose(this.stored.written);
      throw inputOutputError(operation);
    }
    this.stored.settle(this.stored.written);
  }

  startDataSync(done: (error: Error | null) => void): void {
    const operation = { kind: "sync", name: this.name } as const;
    const fault = this.mount.begin(operation);
    const written = this.stored.written;
    const delayMs = this.mount.disk.syncDelayMs();
    if (delayMs === null) return;
    this.mount.clock.setTimeout(() => {
      if (!this.mount.alive) return;
      if (fault) this.stored.lose(written);
      else this.stored.settle(written);
      done(fault ? inputOutputError(operation) : null);
    }, delayMs);
  }

  close(): void {}
}
