/**
 * Where a key's item is: its slot, found by a hash table of plain numbers with linear probing.
 *
 * A `Map` would be one object that holds every key. A garbage collector that looks only at what
 * has changed would then look at all of them after every write, which at a million keys takes a
 * tenth of a second, several times a second. Numbers it does not look at.
 */
import { assert } from "../assert";
import { avalanche, rotate } from "./hash-128";
import type { Slot } from "./memory-chunk";

/** Places at first; always a power of two. */
const PLACES_MIN = 16;
/** At most one place in so many is taken: a search then looks at one or two. */
const SPARSENESS = 2;
/** As a slot plus one: nobody's. */
const FREE = 0;

/**
 * Another one in each process, or anybody could prepare keys that all have one hash: ten thousand
 * of them, and every search among them takes a ms. Nobody sees at which place a key stands, so two
 * nodes hold the same state all the same.
 */
const SEED = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;
const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

export class SlotIndex {
  /** By place: the key's hash, and its slot plus one. */
  #hashes = new Int32Array(PLACES_MIN);
  #slots = new Uint32Array(PLACES_MIN);
  #size = 0;
  /** Whether the item in a slot is the key's: keys are stored there alone. */
  readonly #isOf: (slot: Slot, key: string) => boolean;
  readonly #seed: number;

  constructor(isOf: (slot: Slot, key: string) => boolean, seed = SEED) {
    this.#isOf = isOf;
    this.#seed = seed;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#size;
  }

  get(key: string): Slot | undefined {
    const hash = hashOf(key, this.#seed);
    const mask = this.#slots.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const taken = this.#slots[place] ?? FREE;
      if (taken === FREE) return undefined;
      if (this.#hashes[place] === hash && this.#isOf(taken - 1, key)) return taken - 1;
    }
  }

  /** Adds a key that is not there. */
  add(key: string, slot: Slot): void {
    if ((this.#size + 1) * SPARSENESS > this.#slots.length) this.#grow();
    this.#put(hashOf(key, this.#seed), slot + 1);
    this.#size++;
  }

  /** Takes a key away that is there, whatever has become of its item. */
  delete(key: string, slot: Slot): void {
    const mask = this.#slots.length - 1;
    let gap = hashOf(key, this.#seed) & mask;
    while (this.#slots[gap] !== slot + 1) {
      assert(this.#slots[gap] !== FREE, "a key that is taken away is there");
      gap = (gap + 1) & mask;
    }
    // Nobody may be cut off from its first place by the gap: who can moves into it, and leaves one.
    for (let place = (gap + 1) & mask; this.#slots[place] !== FREE; place = (place + 1) & mask) {
      const first = (this.#hashes[place] ?? 0) & mask;
      const isBehindGap = ((place - first) & mask) >= ((place - gap) & mask);
      if (!isBehindGap) continue;
      this.#hashes[gap] = this.#hashes[place] ?? 0;
      this.#slots[gap] = this.#slots[place] ?? FREE;
      gap = place;
    }
    this.#slots[gap] = FREE;
    this.#size--;
  }

  #put(hash: number, taken: number): void {
    const mask = this.#slots.length - 1;
    let place = hash & mask;
    while (this.#slots[place] !== FREE) place = (place + 1) & mask;
    this.#hashes[place] = hash;
    this.#slots[place] = taken;
  }

  /** Hashes are kept, so that no key is read again. */
  #grow(): void {
    const hashes = this.#hashes;
    const slots = this.#slots;
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#slots = new Uint32Array(slots.length * 2);
    for (let place = 0; place < slots.length; place++) {
      const taken = slots[place] ?? FREE;
      if (taken !== FREE) this.#put(hashes[place] ?? 0, taken);
    }
  }
}

/** MurmurHash3 x86_32 (Austin Appleby, public domain) over the key's UTF-16 units, one a block. */
function hashOf(key: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < key.length; at++) {
    hash ^= Math.imul(rotate(Math.imul(key.charCodeAt(at), C1), 15), C2);
    hash = (Math.imul(rotate(hash, 13), 5) + 0xe6546b64) | 0;
  }
  return avalanche(hash ^ key.length);
}
