import type { LogIndex } from "../types";
import type { Clock } from "./clock";

/** What a leader told: at `atMs` everything up to `commitIndex` was all that was committed. */
interface Told {
  readonly atMs: number;
  readonly commitIndex: LogIndex;
}

/** Told ages that wait to be applied; of more, the newest gives way. */
const TOLD_MAX = 64;

/**
 * How old a copy may be. A leader knows when it sent the last round that a quorum answered, and
 * tells its followers that age; a follower that has applied as much as was committed then knows
 * that its copy was up to date at that time. What was once known stays true, whoever leads later.
 * The age counts from the arrival of a message: the time it was under way is nobody's to know.
 */
export class RoundClock {
  readonly #clock: Clock;
  /** Rounds of the present office on their way. Units: ms, monotonic, as all times here. */
  readonly #sentMs = new Map<number, number>();
  /** Of the last round confirmed in the present office. */
  #confirmedSentMs: number | null = null;
  /** The latest time at which this copy is known to have been up to date. */
  #freshAtMs: number | null = null;
  /** Ascending by commit index; this copy does not reach there yet. */
  readonly #told: Told[] = [];

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

  /**
   * A quorum answered `round`, and with it every earlier one: `commitIndex` was all that was
   * committed when it was sent. This copy, too, is as fresh only once it has applied that much.
   */
  onConfirmed(round: number, commitIndex: LogIndex, appliedIndex: LogIndex): void {
    const sentMs = this.#sentMs.get(round);
    for (const earlier of this.#sentMs.keys()) {
      if (earlier > round) break;
      this.#sentMs.delete(earlier);
    }
    if (sentMs === undefined) return;
    this.#confirmedSentMs = sentMs;
    this.#note({ atMs: sentMs, commitIndex }, appliedIndex);
  }

  /** A leader said how old its confirmation was; null while it had none. */
  onTold(ageMs: number | null, commitIndex: LogIndex, appliedIndex: LogIndex): void {
    if (ageMs === null) return;
    this.#note({ atMs: this.#clock.nowMs() - ageMs, commitIndex }, appliedIndex);
  }

  /** As a leader, ms since the last confirmed round was sent; null before the first. */
  confirmedAgeMs(): number | null {
    return this.#ageOf(this.#confirmedSentMs);
  }

  /** How old a copy that has applied so much is at most, in ms; null where nobody knows. */
  stalenessMs(appliedIndex: LogIndex): number | null {
    this.#settle(appliedIndex);
    return this.#ageOf(this.#freshAtMs);
  }

  #note(told: Told, appliedIndex: LogIndex): void {
    if (this.#told.length >= TOLD_MAX) this.#told.pop();
    this.#told.push(told);
    this.#settle(appliedIndex);
  }

  #settle(appliedIndex: LogIndex): void {
    for (let told = this.#told[0]; told; told = this.#told[0]) {
      if (told.commitIndex > appliedIndex) return;
      this.#noteFresh(told.atMs);
      this.#told.shift();
    }
  }

  #noteFresh(atMs: number): void {
    if (this.#freshAtMs === null || atMs > this.#freshAtMs) this.#freshAtMs = atMs;
  }

  /** An age is a promise of "at most": it is rounded up. */
  #ageOf(atMs: number | null): number | null {
    return atMs === null ? null : Math.max(0, Math.ceil(this.#clock.nowMs() - atMs));
  }
}
