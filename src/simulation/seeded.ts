/**
 * Randomness by label: each user has a stream of its own, so that taking one event away never
 * shifts another's. The generator is the machines' (sfc32), but it steps in place: a simulation
 * draws millions of numbers.
 */
import { seedRandom } from "../machines/random";

export class Seeded {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(private readonly seed: string) {
    [this.#a, this.#b, this.#c, this.#counter] = seedRandom(seed);
  }

  /** A stream of its own for `label`. */
  fork(label: string): Seeded {
    return new Seeded(`${this.seed}/${label}`);
  }

  /** A whole number in [0, 2^32). */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    return sum;
  }

  /** In [0, 1). A field, so that it can be handed on as a plain generator. */
  readonly next = (): number => this.word() / 4294967296;

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number in [least, most]. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** A number in [least, most). */
  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /**
   * Exponentially distributed with this mean. Compares and never takes a logarithm, whose last bit
   * differs between machines. Source: von Neumann 1951, "Various techniques used in connection with
   * random digits".
   */
  exponential(mean: number): number {
    for (let whole = 0; ; whole++) {
      const first = this.next();
      let last = first;
      let length = 1;
      for (let draw = this.next(); draw < last; draw = this.next()) {
        last = draw;
        length++;
      }
      if (length % 2 === 1) return mean * (whole + first);
    }
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.whole(0, last);
      const [a, b] = [shuffled[last], shuffled[other]];
      if (a === undefined || b === undefined) continue;
      shuffled[last] = b;
      shuffled[other] = a;
    }
    return shuffled;
  }
}
