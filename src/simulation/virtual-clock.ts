/**
 * Time that stands still until it is told to go on. Events are ordered by due time, then by a
 * seeded tie-break, then by age: simultaneous events happen in an order that the seed chooses.
 */
import type { Clock } from "../actors/clock";
import { drawRandom, type RandomState, seedRandom } from "../machines/random";

interface Scheduled {
  readonly dueMs: number;
  readonly tieBreak: number;
  readonly sequence: number;
  readonly fire: () => void;
  /** The life it belongs to; a dead life's events never fire. */
  readonly life: Life | null;
  isCancelled: boolean;
}

/** Everything one process has scheduled: it ends with the process. */
export interface Life {
  isOver: boolean;
}

/** Wall time at the start of a simulation. Units: ms since the epoch. */
export const SIMULATION_EPOCH_MS = 1_700_000_000_000;

export class VirtualClock {
  #nowMs = 0;
  #sequence = 0;
  #fired = 0;
  #random: RandomState;
  readonly #heap: Scheduled[] = [];

  constructor(seed: number | string) {
    this.#random = seedRandom(`${seed}/clock`);
  }

  get nowMs(): number {
    return this.#nowMs;
  }
  /** Events fired so far. */
  get fired(): number {
    return this.#fired;
  }

  schedule(delayMs: number, fire: () => void, life: Life | null = null): Scheduled {
    const [tieBreak, random] = drawRandom(this.#random);
    this.#random = random;
    const dueMs = this.#nowMs + Math.max(0, delayMs);
    const scheduled: Scheduled = {
      dueMs,
      tieBreak,
      sequence: ++this.#sequence,
      fire,
      life,
      isCancelled: false,
    };
    this.#push(scheduled);
    return scheduled;
  }

  /** The clock as one process sees it. `wallOffsetMs` is how wrong its wall clock is. */
  clockOf(life: Life, wallOffsetMs: () => number): Clock {
    return {
      nowMs: () => this.#nowMs,
      wallMs: () => Math.round(SIMULATION_EPOCH_MS + this.#nowMs + wallOffsetMs()),
      setTimeout: (callback, delayMs) => this.schedule(delayMs, callback, life),
      clearTimeout: (handle) => {
        if (handle !== null && handle !== undefined) (handle as Scheduled).isCancelled = true;
      },
      defer: (callback) => {
        this.schedule(0, callback, life);
      },
    };
  }

  /** Fires the next event; false when nothing is left before `untilMs`. */
  step(untilMs: number): boolean {
    for (let next = this.#heap[0]; next && next.dueMs <= untilMs; next = this.#heap[0]) {
      this.#pop();
      if (next.isCancelled || next.life?.isOver) continue;
      this.#nowMs = next.dueMs;
      this.#fired += 1;
      next.fire();
      return true;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return false;
  }

  #push(scheduled: Scheduled): void {
    const heap = this.#heap;
    let at = heap.push(scheduled) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(scheduled, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = scheduled;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      let smaller = left;
      if (right !== undefined && isBefore(right, left)) {
        smaller = right;
        child += 1;
      }
      if (!isBefore(smaller, last)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  if (a.dueMs !== b.dueMs) return a.dueMs < b.dueMs;
  if (a.tieBreak !== b.tieBreak) return a.tieBreak < b.tieBreak;
  return a.sequence < b.sequence;
}
