import type { Clock } from "./clock";

/** Something that must not wait for ever. */
export interface Deadline {
  readonly tick: number;
  readonly expire: () => void;
}

/** Deadlines are met to within this. Units: ms. */
export const DEADLINE_TICK_MS = 10;

/**
 * Many deadlines on one timer: a request costs two set operations instead of a timer of its own,
 * and most are cancelled long before they are due.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #due = new Map<number, Set<Deadline>>();
  #timer: unknown = null;
  #timerTick = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `expire` once, at `dueMs` (monotonic) or up to a tick later, unless cancelled. */
  add(dueMs: number, expire: () => void): Deadline {
    const deadline = { tick: Math.ceil(dueMs / DEADLINE_TICK_MS), expire };
    const sameTick = this.#due.get(deadline.tick);
    if (sameTick) sameTick.add(deadline);
    else this.#due.set(deadline.tick, new Set([deadline]));
    if (deadline.tick < this.#timerTick) this.#arm(deadline.tick);
    return deadline;
  }

  cancel(deadline: Deadline): void {
    const sameTick = this.#due.get(deadline.tick);
    sameTick?.delete(deadline);
    if (sameTick?.size === 0) this.#due.delete(deadline.tick);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#due.clear();
  }

  #arm(tick: number): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timerTick = tick;
    const delayMs = Math.max(0, tick * DEADLINE_TICK_MS - this.#clock.nowMs());
    this.#timer = this.#clock.setTimeout(() => this.#fire(), delayMs);
  }

  #fire(): void {
    this.#timer = null;
    this.#timerTick = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    const ticks = [...this.#due.keys()].sort((a, b) => a - b);
    for (const tick of ticks) {
      if (tick * DEADLINE_TICK_MS > nowMs) {
        if (tick < this.#timerTick) this.#arm(tick);
        break;
      }
      const expired = this.#due.get(tick) ?? [];
      this.#due.delete(tick);
      for (const deadline of expired) deadline.expire();
    }
  }
}
