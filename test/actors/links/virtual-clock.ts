import type { Clock } from "../../../src/actors/clock";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Time that moves only when told, and shows each callback the moment it was due. */
export class VirtualClock implements Clock {
  private now = 0;
  private readonly timers = new Set<Timer>();
  private deferred: (() => void)[] = [];

  nowMs = () => this.now;
  wallMs = () => this.now;

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { dueMs: this.now + delayMs, callback };
    this.timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.timers.delete(timer as Timer);
  }

  defer(callback: () => void): void {
    this.deferred.push(callback);
  }

  get pending(): number {
    return this.timers.size;
  }

  /** Runs what was deferred, and what that defers, until nothing is left. */
  settle(): void {
    for (let callback = this.deferred.shift(); callback; callback = this.deferred.shift()) {
      callback();
    }
  }

  advance(ms: number): void {
    const untilMs = this.now + ms;
    this.settle();
    for (let timer = this.next(untilMs); timer; timer = this.next(untilMs)) {
      this.now = timer.dueMs;
      this.timers.delete(timer);
      timer.callback();
      this.settle();
    }
    this.now = untilMs;
  }

  private next(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.dueMs <= untilMs && (!first || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  }
}
