/**
 * Time that stands still until it is told to go on. It counts whole microseconds and jumps from
 * event to event. Events are ordered by due time, then by a seeded tie-break, then by age: what
 * happens at the same moment happens in an order that the seed chooses.
 */
import type { Clock } from "../actors/clock";
import type { Life } from "./life";
import type { Seeded } from "./seeded";

/** One future event. */
export interface Scheduled {
  dueUs: number;
  readonly tieBreak: number;
  readonly sequence: number;
  readonly fire: () => void;
  /** The process it happens to; null for the world outside. */
  readonly life: Life | null;
  isCancelled: boolean;
}

/** Wall time at the start of a simulation. Units: ms since the epoch. */
export const SIMULATION_EPOCH_MS = 1_700_000_000_000;

const US_PER_MS = 1000;

export class VirtualClock {
  #nowUs = 0;
  #sequence = 0;
  #fired = 0;
  readonly #random: Seeded;
  readonly #heap: Scheduled[] = [];

  constructor(random: Seeded) {
    this.#random = random;
  }

  /** Since the start of the simulation. Units: ms, to a thousandth. */
  get nowMs(): number {
    return this.#nowUs / US_PER_MS;
  }
  /** Events that have happened. */
  get fired(): number {
    return this.#fired;
  }

  schedule(delayMs: number, fire: () => void, life: Life | null = null): Scheduled {
    const scheduled: Scheduled = {
      dueUs: this.#nowUs + Math.max(0, Math.round(delayMs * US_PER_MS)),
      tieBreak: this.#random.word(),
      sequence: ++this.#sequence,
      fire,
      life,
      isCancelled: false,
    };
    this.#push(scheduled);
    return scheduled;
  }

  /** SIGCONT: what fell due meanwhile happens now, in an order that the seed chooses. */
  resume(life: Life): void {
    for (const scheduled of life.wake()) {
      scheduled.dueUs = this.#nowUs;
      this.#push(scheduled);
    }
  }

  /** The clock as one process sees it. `wallOffsetMs` is how wrong its wall clock is. */
  clockOf(life: Life, wallOffsetMs: () => number): Clock {
    return {
      nowMs: () => this.nowMs,
      wallMs: () => Math.round(SIMULATION_EPOCH_MS + this.nowMs + wallOffsetMs()),
      setTimeout: (callback, delayMs) => this.schedule(delayMs, callback, life),
      clearTimeout: (handle) => {
        if (handle !== null && handle !== undefined) (handle as Scheduled).isCancelled = true;
      },
      defer: (callback) => {
        this.schedule(0, callback, life);
      },
    };
  }

  /** Lets the next event happen; false when there is none up to `untilMs`, which it is then. */
  step(untilMs: number): boolean {
    const untilUs = Math.round(untilMs * US_PER_MS);
    for (let next = this.#heap[0]; next && next.dueUs <= untilUs; next = this.#heap[0]) {
      this.#pop();
      const { life } = next;
      if (next.isCancelled || life?.isOver) continue;
      if (life?.isPaused) {
        life.postponed.push(next);
        continue;
      }
      this.#nowUs = next.dueUs;
      this.#fired += 1;
      if (life) life.run(next.fire);
      else next.fire();
      return true;
    }
    this.#nowUs = Math.max(this.#nowUs, untilUs);
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
  if (a.dueUs !== b.dueUs) return a.dueUs < b.dueUs;
  if (a.tieBreak !== b.tieBreak) return a.tieBreak < b.tieBreak;
  return a.sequence < b.sequence;
}
