/** A data directory in memory: what a log costs without the disk under it. */
import type { File, FileSystem } from "../../src/store/ports";

class MemoryFile implements File {
  #bytes = new Uint8Array(0);
  #size = 0;

  constructor(private readonly waiting: (() => void)[]) {}

  size(): number {
    return this.#size;
  }
  read(position: number, length: number): Uint8Array {
    return this.#bytes.slice(position, Math.min(position + length, this.#size));
  }
  write(position: number, bytes: Uint8Array): number {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, end);
    return bytes.length;
  }
  dataSync(): void {}
  startDataSync(done: (error: Error | null) => void): void {
    this.waiting.push(() => done(null));
  }
  close(): void {}
}

export class MemoryFiles implements FileSystem {
  readonly #files = new Map<string, MemoryFile>();
  /** Syncs that were begun. */
  readonly #waiting: (() => void)[] = [];

  /** Everything that was begun is done. */
  settle(): void {
    for (let done = this.#waiting.shift(); done; done = this.#waiting.shift()) done();
  }

  lock(): void {}
  unlock(): void {}
  list(): readonly string[] {
    return [...this.#files.keys()].sort();
  }
  exists(name: string): boolean {
    return this.#files.has(name);
  }
  open(name: string, { create }: { readonly create: boolean }): File {
    const file = this.#files.get(name);
    if (file !== undefined) return file;
    if (!create) throw new Error(`no such file: ${name}`);
    const made = new MemoryFile(this.#waiting);
    this.#files.set(name, made);
    return made;
  }
  rename(from: string, to: string): void {
    const file = this.#files.get(from);
    if (file === undefined) throw new Error(`no such file: ${from}`);
    this.#files.delete(from);
    this.#files.set(to, file);
  }
  remove(name: string): void {
    this.#files.delete(name);
  }
  syncDirectory(): void {}
  describe(name: string): string {
    return `memory:${name}`;
  }
}
