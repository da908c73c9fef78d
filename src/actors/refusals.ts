/**
 * Refusals on their way to clients. One that heeds no `Retry-After` asks again as soon as it is
 * told: told at once, some thousands of them would keep a node busy with nothing but refusing. So
 * each refusal has its turn, so many in a second. Where few are refused that is at once; where many
 * are, their clients wait a little because they would not do so by themselves.
 */
import type { Clock } from "./clock";
import type { Deadline, Deadlines } from "./deadlines";
import type { NodeLimits } from "./limits";

export interface RefusalsParts {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly limits: Pick<
    NodeLimits,
    "refusalsPerSecond" | "refusalDelayMsMax" | "refusalsWaitingMax"
  >;
}

export class Refusals {
  readonly #parts: RefusalsParts;
  readonly #waiting = new Set<Deadline>();
  /** When the next turn is, unless that is past. Units: ms, monotonic. */
  #nextTurnMs = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(parts: RefusalsParts) {
    this.#parts = parts;
  }

  /** Refusals that have not been told yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Calls `tell` once: when its turn comes, and not after `byMs` (monotonic). */
  queue(tell: () => void, byMs: number): void {
    const { clock, deadlines, limits } = this.#parts;
    const nowMs = clock.nowMs();
    const turnMs = this.#takeTurn(nowMs);
    const isCrowded = this.#waiting.size >= limits.refusalsWaitingMax;
    if (turnMs <= nowMs || isCrowded || this.#isStopped) {
      tell();
      return;
    }
    const deadline = deadlines.add(Math.min(turnMs, byMs), () => {
      this.#waiting.delete(deadline);
      tell();
    });
    this.#waiting.add(deadline);
  }

  /** Tells all that wait, and whoever comes later at once. */
  stop(): void {
    this.#isStopped = true;
    for (const deadline of this.#waiting) {
      this.#parts.deadlines.cancel(deadline);
      deadline.expire();
    }
  }

  #takeTurn(nowMs: number): number {
    const { refusalDelayMsMax, refusalsPerSecond } = this.#parts.limits;
    const turnMs = Math.min(Math.max(this.#nextTurnMs, nowMs), nowMs + refusalDelayMsMax);
    this.#nextTurnMs = turnMs + 1_000 / refusalsPerSecond;
    return turnMs;
  }
}
