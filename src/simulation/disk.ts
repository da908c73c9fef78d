/**
 * A disk in memory that loses what real disks lose. A process mounts it, as production code opens
 * a directory; the test, or the simulator's nemesis, holds the disk itself and decides what breaks.
 *
 * The same calls with the same numbers from `random` leave the same bytes: nothing here draws
 * randomness or time of its own.
 */
import type { Clock } from "../actors/clock";
import { StartupError } from "../errors";
import type { FileSystem } from "../store/ports";
import type { DiskFault, DiskOperation } from "./disk-faults";
import { Mount } from "./mount";
import { extremesOften, type Random, type StoredFile } from "./stored-file";

export type { DiskFault, DiskOperation } from "./disk-faults";

/** Everything that was written to some files up to a moment. */
export type DiskMark = readonly { readonly file: StoredFile; readonly written: number }[];

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

  /** Background and blocking syncs that have failed: what they should have saved is lost. */
  failedSyncs = 0;

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

  /** A durable file as a power loss would leave it; null where it would leave none. */
  durableFile(name: string): StoredFile | null {
    return this.#durableNames.get(name) ?? null;
  }

  /** What waits for a sync now, in files whose names begin so. */
  mark(prefix: string): DiskMark {
    const mark: { file: StoredFile; written: number }[] = [];
    for (const [name, file] of this.#names) {
      const { settled, written } = file;
      if (settled < written && name.startsWith(prefix)) mark.push({ file, written });
    }
    return mark;
  }

  /** The disk as a power loss would leave it that keeps nothing unsynced. */
  durableCopy(): SimulatedDisk {
    const copy = new SimulatedDisk();
    for (const [name, file] of this.#durableNames) {
      const durable = file.durableCopy();
      copy.#names.set(name, durable);
      copy.#durableNames.set(name, durable);
    }
    return copy;
  }

  /** Sum of all file sizes. */
  get usedBytes(): number {
    let used = 0;
    for (const file of this.#names.values()) used += file.size;
    return used;
  }

  /** Bytes that are still free: none where removed files came back after a power loss. */
  get roomBytes(): number {
    return Math.max(0, this.capacityBytes - this.usedBytes);
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

/** Whether none of it waits for a sync any more. Says nothing where a sync has failed. */
export const isSettled = (mark: DiskMark): boolean =>
  mark.every(({ file, written }) => file.settled >= written);

function apply(names: Map<string, StoredFile>, { removed, added }: NameChange): void {
  if (removed !== null) names.delete(removed);
  if (added) names.set(added.name, added.file);
}
