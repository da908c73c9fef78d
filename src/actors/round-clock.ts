import type { Clock } from "./clock";

/**
 * How old a copy may be. A leader knows when it sent the last round that a quorum answered, and
 * tells its followers that age; a follower adds the time since it was told.
 */
export class RoundClock {
  readonly #clock: Clock;
  readonly #sentMs = new Map<number, number>();
  #confirmedSentMs: number | null = null;
  #told: { readonly atMs: number; readonly ageMs: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  onOfficeTaken(): void {
    this.#sentMs.clear();
    this.#confirmedSentMs = null;
  }

  onOpened(round: number): void {
    this.#sentMs.set(round, this.#clock.nowMs());
  }

  /** A quorum answered `round`, and with it every earlier one. */
  onConfirmed(round: number): void {
    this.#confirmedSentMs = this.#sentMs.get(round) ?? this.#confirmedSentMs;
    for (const sent of this.#sentMs.keys()) {
      if (sent > round) break;
      this.#sentMs.delete(sent);
    }
  }

  /** A leader said how old its confirmation was; null while it had none. */
  onTold(ageMs: number | null): void {
    if (ageMs !== null) this.#told = { atMs: this.#clock.nowMs(), ageMs };
  }

  /** As a leader, ms since the last confirmed round was sent; null before the first. */
  confirmedAgeMs(): number | null {
    if (this.#confirmedSentMs === null) return null;
    return Math.max(0, Math.round(this.#clock.nowMs() - this.#confirmedSentMs));
  }

  /** How old this node's copy is at most, in ms; null where nobody knows. */
  stalenessMs(isLeader: boolean): number | null {
    if (isLeader) return this.confirmedAgeMs();
    if (this.#told === null) return null;
    return Math.round(this.#clock.nowMs() - this.#told.atMs + this.#told.ageMs);
  }
}
