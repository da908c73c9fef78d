/**
 * Waits a moment for callers who are about to come. Whoever was answered a moment ago mostly asks
 * again at once; a batch that leaves in between leaves half of them behind, who then travel in a
 * batch of their own, and a batch costs nearly the same whatever its size: with 64 clients 100 µs
 * of all CPU for each write, 80 µs where they travel together. A disk that turns to another stream
 * between two requests of one loses in the same way. Source: Iyer and Druschel, "Anticipatory
 * scheduling", SOSP 2001: "deceptive idleness".
 */
import type { Clock } from "./clock";

/** It is enough when so many of those expected have come. */
const ENOUGH = 0.8;

export interface AnticipationOptions {
  readonly clock: Clock;
  /** How long it waits at most. Units: ms. */
  readonly waitMsMax: number;
  /** Called once the wait is over without enough of them. */
  onInVain(): void;
}

export class Anticipation {
  readonly #options: AnticipationOptions;
  /** How many were here at once, lately. */
  #expected = 0;
  #timer: unknown = null;
  #isInVain = false;

  constructor(options: AnticipationOptions) {
    this.#options = options;
  }

  /** Whether to go ahead with those `present`; false begins a wait, or goes on with it. */
  isEnough(present: number): boolean {
    if (this.#isInVain) this.#expected = present;
    if (present < this.#expected * ENOUGH) {
      this.#wait();
      return false;
    }
    this.#expected = Math.max(this.#expected, present);
    this.stop();
    return true;
  }

  /** Nobody is waited for any more. */
  stop(): void {
    this.#isInVain = false;
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): void {
    const { clock, onInVain, waitMsMax } = this.#options;
    this.#timer ??= clock.setTimeout(() => {
      this.#timer = null;
      this.#isInVain = true;
      onInVain();
    }, waitMsMax);
  }
}
