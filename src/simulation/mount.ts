/**
 * The disk as a process uses it: the file system port of production code, with faults acted out.
 */
import type { Clock } from "../actors/clock";
import { type File, type FileSystem, NoSpaceError } from "../store/ports";
import type { SimulatedDisk } from "./disk";
import { type DiskFault, type DiskOperation, ProcessDiedError } from "./disk-faults";
import { StoredFile } from "./stored-file";

const inputOutputError = (operation: DiskOperation) =>
  new Error(`EIO: the simulated disk failed to ${operation.kind} ${operation.name}`);

/** One process's view of the disk, dead after it was killed. */
export class Mount implements FileSystem {
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
    if (!this.disk.has(name)) throw new Error(`ENOENT: the simulated disk has no file ${name}`);
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
      this.mount.disk.failedSyncs++;
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
      if (fault) {
        this.mount.disk.failedSyncs++;
        this.stored.lose(written);
      } else this.stored.settle(written);
      done(fault ? inputOutputError(operation) : null);
    }, delayMs);
  }

  close(): void {}
}
