import type { Clock } from "./clock";

/** Something that must not wait for ever. */
export interface Deadline {
  readonly tick: number;
  readonly expire: () => void;
  isCancelled: boolean;
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
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `expire` once, at `dueMs` (monotonic) or up to a tick later, unless cancelled. */
  add(dueMs: number, expire: () => void): Deadline {
    const tick = Math.ceil(dueMs / DEADLINE_TICK_MS);
    const deadline: Deadline = { tick, expire, isCancelled: this.#isStopped };
    if (this.#isStopped) return deadline;
    const sameTick = this.#due.get(tick);
    if (sameTick) sameTick.add(deadline);
    else this.#due.set(tick, new Set([deadline]));
    if (tick < this.#timerTick) this.#arm(tick);
    return deadline;
  }

  cancel(deadline: Deadline): void {
    deadline.isCancelled = true;
    const sameTick = this.#due.get(deadline.tick);
    sameTick?.delete(deadline);
    if (sameTick?.size === 0) this.#due.delete(deadline.tick);
  }

  /** Nothing expires any more, not even what is added later. */
  stop(): void {
    this.#isStopped = true;
    this.#clock.clearTimeout(this.#timer);
    this.#due.clear();
  }

  #arm(tick: number): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timerTick = tick;
    const delayMs = Math.max(0, tick * DEADLINE_TICK_MS - this.#clock.nowMs());
    this.#timer = this.#clock.setTimeout(() => this.#fire(), delayMs);
  }

  /** Unless one that expired a moment ago has cancelled it, or stopped everything. */
  #expire(deadline: Deadline): void {
    if (!deadline.isCancelled && !this.#isStopped) deadline.expire();
  }

  #fire(): void {
    this.#timer = null;
    this.#timerTick = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    const ticks = [...this.#due.keys()].sort((a, b) => a - b);
    for (const tick of ticks) {
      const expired = this.#due.get(tick);
      // Those that expired before may have cancelled it all.
      if (!expired) continue;
      if (tick * DEADLINE_TICK_MS > nowMs) {
        if (tick < this.#timerTick) this.#arm(tick);
        break;
      }
      this.#due.delete(tick);
      for (const deadline of expired) this.#expire(deadline);
    }
  }
}
