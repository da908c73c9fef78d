/**
 * The items' bytes, one behind the other in chunks of memory. As objects an item would be four, and
 * half a KiB of a heap that a garbage collector walks again and again; so it is a few numbers
 * beside its bytes, and a snapshot copies these as they stand.
 *
 * It is a log. Bytes that were written never change, so whoever knows a place can read it for as
 * long as he likes: see `MemoryCut`. An item that changes is written anew, behind all others. What
 * is still used of a chunk that has become sparse moves on likewise, and the chunk is let go. So
 * the chunks hold at most about twice what is used, and of the bytes that are written at most about
 * as many are moved.
 */
import { assert } from "../assert";
import { ItemFields, itemBytesMax, type NewItem } from "./item-bytes";
import { CHUNK_BYTES_LIMIT, HEAD_BYTES, MemoryChunk, NOWHERE, type Slot } from "./memory-chunk";
import { MemoryCut } from "./memory-cut";

/**
 * A chunk is as large as all before it, within these: a small state takes little. What is left of a
 * sparse one moves within one apply: of a large chunk of tiny items that is a ms or two.
 * Units: bytes.
 */
export const CHUNK_BYTES_MIN = 4 * 1024;
export const CHUNK_BYTES_MAX = 256 * 1024;

export class ItemMemory {
  /** By number. */
  readonly #chunks = new Map<number, MemoryChunk>();
  /** The one that is written to; the first has no room for anything. */
  #current = new MemoryChunk(NOWHERE, 0);
  #chunkBytes = 0;
  /**
   * By slot, where its item is: the number of its chunk, `NOWHERE` for a slot that nobody has, and
   * the offset. Numbers, for arrays of objects are looked through by the garbage collector.
   */
  readonly #chunkOf: number[] = [];
  readonly #offsetOf: number[] = [];
  readonly #freeSlots: Slot[] = [];
  /** Chunks that are full, and may be sparse. */
  readonly #suspects: MemoryChunk[] = [];
  readonly #cuts = new Set<MemoryCut>();
  readonly #fields = new ItemFields();

  /** What the chunks take. Units: bytes. */
  get byteLength(): number {
    return this.#chunkBytes;
  }

  add(item: NewItem): Slot {
    const slot = this.#takeSlot();
    const chunk = this.#roomFor(itemBytesMax(item));
    this.#place(slot, chunk, chunk.write(slot, item));
    this.#clean();
    return slot;
  }

  /** Adds an item that was written elsewhere. */
  addWritten(item: ItemFields): Slot {
    const slot = this.#takeSlot();
    const chunk = this.#roomFor(item.end - item.start);
    this.#place(slot, chunk, chunk.copy(slot, item));
    this.#clean();
    return slot;
  }

  replace(slot: Slot, item: NewItem): void {
    const chunk = this.#roomFor(itemBytesMax(item));
    const offset = chunk.write(slot, item);
    this.#leave(slot);
    this.#place(slot, chunk, offset);
    this.#clean();
  }

  remove(slot: Slot): void {
    this.#leave(slot);
    this.#chunkOf[slot] = NOWHERE;
    this.#freeSlots.push(slot);
    this.#clean();
  }

  /** An item's fields, for use until the next call. */
  open(slot: Slot): ItemFields {
    return this.#chunkAt(slot).open(this.#offsetOf[slot] ?? 0, this.#fields);
  }

  /** All items as they are now, whatever comes later, until it is released. */
  cut(): MemoryCut {
    const cut = new MemoryCut({
      chunks: this.#chunks,
      chunkOf: this.#chunkOf,
      offsetOf: this.#offsetOf,
      end: this.#current.end,
      onRelease: () => this.#cuts.delete(cut),
    });
    this.#cuts.add(cut);
    return cut;
  }

  #takeSlot(): Slot {
    return this.#freeSlots.pop() ?? this.#chunkOf.length;
  }

  #chunkAt(slot: Slot): MemoryChunk {
    const chunk = this.#chunks.get(this.#chunkOf[slot] ?? NOWHERE);
    assert(chunk !== undefined, "a slot that is in use has a place");
    return chunk;
  }

  #place(slot: Slot, chunk: MemoryChunk, offset: number): void {
    this.#chunkOf[slot] = chunk.number;
    this.#offsetOf[slot] = offset;
  }

  /** A chunk with room for so many bytes of an item. */
  #roomFor(itemBytes: number): MemoryChunk {
    const full = this.#current;
    if (full.hasRoom(itemBytes)) return full;
    const needed = HEAD_BYTES + itemBytes;
    assert(needed <= CHUNK_BYTES_LIMIT, "an item is no longer than a chunk may be");
    this.#chunkBytes -= full.bytes.length;
    full.finish();
    this.#chunkBytes += full.bytes.length;
    const usual = Math.min(Math.max(this.#chunkBytes, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX);
    const chunk = new MemoryChunk(full.number + 1, Math.max(needed, usual));
    this.#chunks.set(chunk.number, chunk);
    this.#chunkBytes += chunk.bytes.length;
    this.#current = chunk;
    this.#suspects.push(full);
    return chunk;
  }

  /** The slot's item is about to leave its place. */
  #leave(slot: Slot): void {
    const chunk = this.#chunkAt(slot);
    const offset = this.#offsetOf[slot] ?? 0;
    if (this.#cuts.size > 0) for (const cut of this.#cuts) cut.keep(slot, { chunk, offset });
    chunk.release(offset);
    if (chunk !== this.#current && chunk.isSparse) this.#suspects.push(chunk);
  }

  /** It ends: a chunk that was written by moving alone is all in use, hence not sparse. */
  #clean(): void {
    for (let chunk = this.#suspects.pop(); chunk; chunk = this.#suspects.pop()) {
      if (chunk.isSparse && this.#chunks.has(chunk.number)) this.#empty(chunk);
    }
  }

  #empty(chunk: MemoryChunk): void {
    this.#chunkBytes -= chunk.bytes.length;
    for (const { offset, slot } of chunk.contents()) {
      if (this.#chunkOf[slot] !== chunk.number || this.#offsetOf[slot] !== offset) continue;
      const extent = chunk.extentOf(offset);
      const next = this.#roomFor(extent.end - extent.start);
      const nextOffset = next.copy(slot, extent);
      this.#leave(slot);
      this.#place(slot, next, nextOffset);
    }
    this.#chunks.delete(chunk.number);
  }
}
