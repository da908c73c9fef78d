/** Randomness by label: each user has a stream of its own, so that one never shifts another's. */
import { drawRandom, type RandomState, seedRandom } from "../machines/random";

export class Seeded {
  #state: RandomState;

  constructor(private readonly seed: string) {
    this.#state = seedRandom(seed);
  }

  /** A stream of its own for `label`. */
  fork(label: string): Seeded {
    return new Seeded(`${this.seed}/${label}`);
  }

  /** In [0, 1). */
  next(): number {
    const [value, state] = drawRandom(this.#state);
    this.#state = state;
    return value;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number in [least, most]. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Exponentially distributed with this mean; capped at 20 means. */
  exponential(mean: number): number {
    return mean * Math.min(20, -Math.log(1 - this.next()));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, key: this.next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }
}
