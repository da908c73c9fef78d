import type { Clock } from "./clock";

/**
 * How old a copy may be. A leader knows when it sent the last round that a quorum answered, and
 * tells its followers that age; a follower subtracts it from the time it was told. What was once
 * known stays true, whoever leads later.
 */
export class RoundClock {
  readonly #clock: Clock;
  /** Rounds of the present office on their way. Units: ms, monotonic, as all times here. */
  readonly #sentMs = new Map<number, number>();
  /** Of the last round confirmed in the present office. */
  #confirmedSentMs: number | null = null;
  /** The latest time at which this copy is known to have been up to date. */
  #freshAtMs: number | null = null;

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
    const sentMs = this.#sentMs.get(round);
    for (const earlier of this.#sentMs.keys()) {
      if (earlier > round) break;
      this.#sentMs.delete(earlier);
    }
    if (sentMs === undefined) return;
    this.#confirmedSentMs = sentMs;
    this.#noteFresh(sentMs);
  }

  /** A leader said how old its confirmation was; null while it had none. */
  onTold(ageMs: number | null): void {
    if (ageMs !== null) this.#noteFresh(this.#clock.nowMs() - ageMs);
  }

  /** As a leader, ms since the last confirmed round was sent; null before the first. */
  confirmedAgeMs(): number | null {
    return this.#ageOf(this.#confirmedSentMs);
  }

  /** How old this node's copy is at most, in ms; null where nobody knows. */
  stalenessMs(): number | null {
    return this.#ageOf(this.#freshAtMs);
  }

  #noteFresh(atMs: number): void {
    if (this.#freshAtMs === null || atMs > this.#freshAtMs) this.#freshAtMs = atMs;
  }

  #ageOf(atMs: number | null): number | null {
    return atMs === null ? null : Math.max(0, Math.round(this.#clock.nowMs() - atMs));
  }
}
