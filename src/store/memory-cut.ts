/**
 * The items of an `ItemMemory` as they were at one moment. It hears of the place that an item
 * leaves. Bytes never change, and what is written stands behind all that was, so a place tells by
 * itself whether an item was there at that moment.
 */
import { assert } from "../assert";
import type { ByteWriter } from "./byte-writer";
import { ItemFields } from "./item-bytes";
import { type MemoryChunk, NOWHERE, type Place, type Slot } from "./memory-chunk";

export interface MemoryCutOptions {
  /** Where the items are by now, by slot. */
  readonly chunks: ReadonlyMap<number, MemoryChunk>;
  readonly chunkOf: readonly number[];
  readonly offsetOf: readonly number[];
  /** All places that there were are before it. */
  readonly end: Place;
  readonly onRelease: () => void;
}

export class MemoryCut {
  readonly #options: MemoryCutOptions;
  /** Where items were that are elsewhere since. */
  readonly #before = new Map<Slot, Place>();
  readonly #fields = new ItemFields();
  #isReleased = false;

  constructor(options: MemoryCutOptions) {
    this.#options = options;
  }

  /** How many places it knows that the memory has forgotten. */
  get heldPlaces(): number {
    return this.#before.size;
  }

  /** For the memory: the slot's item is about to leave its place. */
  keep(slot: Slot, place: Place): void {
    // At a later place it has changed since already, or did not exist yet.
    if (this.#isBefore(place.chunk, place.offset)) this.#before.set(slot, place);
  }

  /** An item's fields, for use until the next call. */
  open(slot: Slot): ItemFields {
    const { chunk, offset } = this.#placeOf(slot);
    return chunk.open(offset, this.#fields);
  }

  /** Writes an item as it stands. */
  write(writer: ByteWriter, slot: Slot): void {
    const { chunk, offset } = this.#placeOf(slot);
    writer.copy(chunk.extentOf(offset));
  }

  /** It is needed no longer: nothing is kept for it any more. */
  release(): void {
    this.#isReleased = true;
    this.#before.clear();
    this.#options.onRelease();
  }

  #placeOf(slot: Slot): Place {
    assert(!this.#isReleased, "a cut is read before it is released");
    const { chunkOf, chunks, offsetOf } = this.#options;
    const chunk = chunks.get(chunkOf[slot] ?? NOWHERE);
    const offset = offsetOf[slot] ?? 0;
    if (chunk !== undefined && this.#isBefore(chunk, offset)) return { chunk, offset };
    const place = this.#before.get(slot);
    assert(place !== undefined, "every item of a cut has a place");
    return place;
  }

  #isBefore(chunk: MemoryChunk, offset: number): boolean {
    const { end } = this.#options;
    return chunk === end.chunk ? offset < end.offset : chunk.number < end.chunk.number;
  }
}
