/** The last transitions of a node, oldest first: what is shown, and what watchers read from. */
import type { Transition } from "./transition";

/** More than a day of elections, and about a megabyte. */
export const TRANSITIONS_MAX = 4096;

export class TransitionRing {
  readonly #max: number;
  /** Ascending by `seq`. In the place of the oldest comes the newest once it is full. */
  readonly #items: Transition[] = [];
  #oldest = 0;
  #lastSeq = 0;

  constructor(max: number = TRANSITIONS_MAX) {
    this.#max = max;
  }

  /** Of the newest that there ever was; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }
  /** Of the oldest that is kept; one behind the newest where none is. */
  get firstSeq(): number {
    return this.#at(0)?.seq ?? this.#lastSeq + 1;
  }

  add(transition: Transition): void {
    this.#lastSeq = transition.seq;
    if (this.#items.length < this.#max) {
      this.#items.push(transition);
      return;
    }
    this.#items[this.#oldest] = transition;
    this.#oldest = (this.#oldest + 1) % this.#max;
  }

  /** Those from `seq` on that are wanted, at most `limit`. */
  from(
    seq: number,
    limit: number,
    isWanted: (transition: Transition) => boolean = () => true,
  ): readonly Transition[] {
    const found: Transition[] = [];
    for (let place = this.#placeOf(seq); found.length < limit; place++) {
      const transition = this.#at(place);
      if (transition === undefined) break;
      if (isWanted(transition)) found.push(transition);
    }
    return found;
  }

  /** The newest that is wanted; null where none is kept. */
  newest(isWanted: (transition: Transition) => boolean): Transition | null {
    for (let place = this.#items.length - 1; place >= 0; place--) {
      const transition = this.#at(place);
      if (transition !== undefined && isWanted(transition)) return transition;
    }
    return null;
  }

  /** The first place from `seq` on. Numbers may be missing where a journal was damaged. */
  #placeOf(seq: number): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#at(middle)?.seq ?? seq) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #at(place: number): Transition | undefined {
    return place < this.#items.length
      ? this.#items[(this.#oldest + place) % this.#items.length]
      : undefined;
  }
}
