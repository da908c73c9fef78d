/** Time that stands still until a test moves it; a callback sees the moment it was due. */
interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

export class StillClock {
  nowMs = 0;
  readonly #timers = new Set<Timer>();

  setTimeout(fire: () => void, delayMs: number): Timer {
    const timer = { dueMs: this.nowMs + delayMs, fire };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** The timer that is due first, and among equals the oldest, fires; false if there is none. */
  fireNext(untilMs = Number.POSITIVE_INFINITY): boolean {
    let next: Timer | null = null;
    for (const timer of this.#timers) if (timer.dueMs < (next?.dueMs ?? Infinity)) next = timer;
    if (next === null || next.dueMs > untilMs) return false;
    this.#timers.delete(next);
    this.nowMs = next.dueMs;
    next.fire();
    return true;
  }

  elapse(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.fireNext(untilMs));
    this.nowMs = untilMs;
  }
}
