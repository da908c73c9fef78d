/**
 * A chunk of an `ItemMemory`: items one behind the other, each behind its length and its slot.
 *
 *     u32 length of item · u32 slot · item · u32 length · ...
 */
import { copyBytes, type Extent } from "../codec/copy-bytes";
import { ByteReader } from "./byte-reader";
import { type ItemFields, type ItemRoom, type NewItem, writeItem } from "./item-bytes";

/** The number by which an item is known while its key is there, wherever its bytes move. */
export type Slot = number;

/** No chunk is longer, hence no item. Units: bytes. */
export const CHUNK_BYTES_LIMIT = 2 ** 24;
/** The number of a memory's first chunk, which has room for nothing: no item is there. */
export const NOWHERE = 0;
/** In front of each item. Units: bytes. */
export const HEAD_BYTES = 8;

/** No more of a chunk that is full is left unwritten than one in so many bytes. */
const UNWRITTEN_SHARE = 8;

/** Where an item stands: behind its head, which begins at `offset`. */
export interface Place {
  readonly chunk: MemoryChunk;
  readonly offset: number;
}

export class MemoryChunk implements ItemRoom {
  #bytes: Uint8Array;
  #view: DataView;
  #reader: ByteReader;
  /** Written up to here. */
  #end = 0;
  /** Of that, what belongs to items that are still here, heads and all. */
  #usedBytes = 0;

  constructor(
    /** Greater than those of all chunks before it. */
    readonly number: number,
    byteLength: number,
  ) {
    this.#bytes = new Uint8Array(byteLength);
    this.#view = new DataView(this.#bytes.buffer);
    this.#reader = new ByteReader(this.#bytes, "item");
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** The place of the next item. */
  get end(): Place {
    return { chunk: this, offset: this.#end };
  }

  /** Whether less than half of what was written is in use. */
  get isSparse(): boolean {
    return this.#usedBytes * 2 < this.#end;
  }

  hasRoom(itemBytes: number): boolean {
    return this.#end + HEAD_BYTES + itemBytes <= this.bytes.length;
  }

  /**
   * Nothing more is written here. The next item may have been too long for a chunk that is nearly
   * empty: room that is never used is given back, or long values that come and go would leave a
   * chunk behind for each few short ones that stay.
   */
  finish(): void {
    const unwritten = this.#bytes.length - this.#end;
    if (this.isSparse || unwritten * UNWRITTEN_SHARE <= this.#bytes.length) return;
    this.#bytes = this.#bytes.slice(0, this.#end);
    this.#view = new DataView(this.#bytes.buffer);
    this.#reader = new ByteReader(this.#bytes, "item");
  }

  /** Returns the item's offset, as `copy` does. */
  write(slot: Slot, item: NewItem): number {
    return this.#close(slot, writeItem(this, this.#end + HEAD_BYTES, item));
  }

  /** Writes an item that stands elsewhere. */
  copy(slot: Slot, item: Extent): number {
    const start = this.#end + HEAD_BYTES;
    copyBytes(item, this.#bytes, start);
    return this.#close(slot, start + item.end - item.start);
  }

  /** Takes the item apart that stands here. */
  open(offset: number, fields: ItemFields): ItemFields {
    this.#reader.seek(offset + HEAD_BYTES);
    return fields.read(this.#reader);
  }

  /** Where the bytes are of the item that stands here. */
  extentOf(offset: number): Extent {
    const start = offset + HEAD_BYTES;
    return { bytes: this.#bytes, start, end: start + this.#view.getUint32(offset) };
  }

  /** The item that stands here is of no use any more. */
  release(offset: number): void {
    this.#usedBytes -= HEAD_BYTES + this.#view.getUint32(offset);
  }

  /** The offset of each item that was ever written here, and its slot. */
  *contents(): Generator<{ readonly offset: number; readonly slot: Slot }> {
    for (let offset = 0; offset < this.#end; offset = this.extentOf(offset).end) {
      yield { offset, slot: this.#view.getUint32(offset + 4) };
    }
  }

  /** The item behind the end is whole. */
  #close(slot: Slot, end: number): number {
    const offset = this.#end;
    this.#view.setUint32(offset, end - offset - HEAD_BYTES);
    this.#view.setUint32(offset + 4, slot);
    this.#end = end;
    this.#usedBytes += end - offset;
    return offset;
  }
}
