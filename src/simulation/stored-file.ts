/**
 * One file of the simulated disk, twice: as a running process reads it (the cache image), and as
 * the disk holds it (the durable image). Writes lie between the two until a sync carries them over,
 * and a power loss decides over each of their sectors alone.
 */

/** What a disk writes whole or not at all, but for a tear. Units: bytes. */
export const SECTOR_BYTES = 512;

/** A generator of numbers from 0 up to, excluding, 1. */
export type Random = () => number;

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** How much of a dirty sector's history a power loss left: whole versions, then part of one. */
interface SectorFate {
  versions: number;
  tornBytes: number;
}

/** Bytes that grow at the end, zero-filled. */
class Image {
  #bytes: Uint8Array = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(size, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = grown;
    }
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }

  write(position: number, bytes: Uint8Array): void {
    if (position + bytes.length > this.#size) this.resize(position + bytes.length);
    this.#bytes.set(bytes, position);
  }

  /** Like `write`, but never beyond the end. */
  overwrite(position: number, bytes: Uint8Array): void {
    const room = this.#size - position;
    if (room > 0) this.#bytes.set(bytes.subarray(0, room), position);
  }

  read(position: number, length: number): Uint8Array {
    return this.#bytes.slice(position, Math.min(this.#size, position + length));
  }

  flip(offset: number, bit: number): void {
    this.#bytes[offset] = (this.#bytes[offset] ?? 0) ^ (1 << bit);
  }
}

export class StoredFile {
  #cache = new Image();
  #durable = new Image();
  /** Writes that no sync has carried over, oldest first. */
  #unsynced: Write[] = [];
  /** How many writes left `#unsynced`, so that a sync can name those before it. */
  #settled = 0;

  get size(): number {
    return this.#cache.size;
  }

  /** Names all writes so far, for a sync that begins now and ends later. */
  get written(): number {
    return this.#settled + this.#unsynced.length;
  }
  /** Writes that no longer wait for a sync. Invariant: `settled <= written`. */
  get settled(): number {
    return this.#settled;
  }

  /** What the disk itself holds. */
  readDurable(position: number, length: number): Uint8Array {
    return this.#durable.read(position, length);
  }

  /** The file as a power loss would leave it that keeps nothing unsynced. */
  durableCopy(): StoredFile {
    const copy = new StoredFile();
    const bytes = this.#durable.read(0, this.#durable.size);
    copy.#cache.write(0, bytes);
    copy.#durable.write(0, bytes);
    return copy;
  }

  read(position: number, length: number): Uint8Array {
    return this.#cache.read(position, length);
  }

  write(position: number, bytes: Uint8Array): void {
    this.#cache.write(position, bytes);
    this.#unsynced.push({ position, bytes: bytes.slice() });
  }

  /** A sync has succeeded: the writes before `written` are on the disk. */
  settle(written: number): void {
    for (const { position, bytes } of this.#take(written)) this.#durable.write(position, bytes);
  }

  /**
   * A sync has failed: the writes before `written` never reach the disk, yet readers still see them
   * and the next sync has nothing to complain about, as on Linux.
   */
  lose(written: number): void {
    this.#take(written);
  }

  /** The power fails: each unsynced sector is kept, dropped or torn, and so is the length. */
  crash(random: Random): void {
    const writes = this.#take(this.written);
    const keepChance = extremesOften(random);
    const fates = drawFates(writes, keepChance, random);
    this.#durable.resize(drawSize(this.#durable.size, writes, keepChance, random));
    for (const piece of writes.flatMap(inSectors)) {
      const fate = fates.get(sectorOf(piece));
      if (!fate) continue;
      if (fate.versions > 0) {
        fate.versions--;
        this.#durable.overwrite(piece.position, piece.bytes);
      } else {
        this.#durable.overwrite(piece.position, piece.bytes.subarray(0, fate.tornBytes));
        fate.tornBytes = 0;
      }
    }
    this.#cache = new Image();
    this.#cache.write(0, this.#durable.read(0, this.#durable.size));
  }

  /** One bit rots, on disk and for readers. */
  flipBit(offset: number, bit: number): void {
    this.#cache.flip(offset, bit);
    this.#durable.flip(offset, bit);
  }

  /** Somebody cuts the file off behind `size` bytes. */
  cut(size: number): void {
    this.settle(this.written);
    this.#cache.resize(Math.min(size, this.#cache.size));
    this.#durable.resize(Math.min(size, this.#durable.size));
  }

  #take(written: number): Write[] {
    const taken = this.#unsynced.splice(0, Math.max(0, written - this.#settled));
    this.#settled += taken.length;
    return taken;
  }
}

/** A chance that is often 0 or 1: losing all and losing nothing must both be common. */
export function extremesOften(random: Random): number {
  const draw = random();
  if (draw < 0.2) return 0;
  return draw < 0.4 ? 1 : random();
}

function drawFates(
  writes: readonly Write[],
  keepChance: number,
  random: Random,
): Map<number, SectorFate> {
  const versions = new Map<number, number>();
  for (const piece of writes.flatMap(inSectors)) {
    versions.set(sectorOf(piece), (versions.get(sectorOf(piece)) ?? 0) + 1);
  }
  const fates = new Map<number, SectorFate>();
  for (const [sector, count] of versions) {
    if (random() < keepChance) fates.set(sector, { versions: count, tornBytes: 0 });
    else if (keepChance > 0 && random() < 0.3) {
      const tornBytes = Math.floor(random() * SECTOR_BYTES);
      fates.set(sector, { versions: Math.floor(random() * count), tornBytes });
    }
  }
  return fates;
}

/** The length is metadata of its own: it may have grown without the bytes, or not with them. */
function drawSize(
  durable: number,
  writes: readonly Write[],
  keepChance: number,
  random: Random,
): number {
  let size = durable;
  for (const { position, bytes } of writes) {
    if (random() < keepChance) size = Math.max(size, position + bytes.length);
  }
  return size;
}

const sectorOf = ({ position }: Write): number => Math.floor(position / SECTOR_BYTES);

function inSectors({ position, bytes }: Write): Write[] {
  const pieces: Write[] = [];
  const end = position + bytes.length;
  for (let at = position; at < end; ) {
    const next = Math.min(end, (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES);
    pieces.push({ position: at, bytes: bytes.subarray(at - position, next - position) });
    at = next;
  }
  return pieces;
}
