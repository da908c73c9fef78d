import type { Scheduled } from "./virtual-clock";

/**
 * One process, from its start to its end. Whatever is scheduled for it waits while it is paused and
 * never happens once it is over: a dead process has no timers, completions or messages.
 */
export class Life {
  #isOver = false;
  #isPaused = false;
  /** What fell due while it was paused, in that order. */
  readonly postponed: Scheduled[] = [];

  /** `onThrow` hears what the process failed to catch: the process does not survive it. */
  constructor(private readonly onThrow: (error: unknown) => void) {}

  get isOver(): boolean {
    return this.#isOver;
  }
  get isPaused(): boolean {
    return this.#isPaused;
  }
  get isRunning(): boolean {
    return !this.#isOver && !this.#isPaused;
  }

  /** Does something as this process, in the middle of the present event. */
  run(work: () => void): void {
    if (this.#isOver) return;
    try {
      work();
    } catch (error) {
      // What a process throws on its way down has been told already.
      if (!this.#isOver) this.onThrow(error);
    }
  }

  /** SIGSTOP. The clock knows how to wake it (`VirtualClock.resume`). */
  pause(): void {
    this.#isPaused = true;
  }

  wake(): Scheduled[] {
    this.#isPaused = false;
    return this.postponed.splice(0);
  }

  end(): void {
    this.#isOver = true;
    this.postponed.length = 0;
  }
}
