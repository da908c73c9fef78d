import type { LogStore } from "../../store/ports";

/** Slices in one turn of the loop at most, when the log is outgrowing the snapshot. */
export const SLICES_PER_TURN_MAX = 6;

export interface WritingPaceOptions {
  readonly log: Pick<LogStore, "bytesWritten">;
  /** What may be logged between two snapshots. */
  readonly logBytesAllowed: number;
  /** Of the snapshot before: this one will not be much larger. */
  readonly lastSlices: number;
}

/**
 * How fast a snapshot is written: at leisure, unless the log grows faster. What is logged meanwhile
 * cannot be cut off until the next one, so it must stay within what may be logged between two.
 */
export class WritingPace {
  readonly #options: WritingPaceOptions;
  readonly #logBytesAtStart: number;
  slices = 0;

  constructor(options: WritingPaceOptions) {
    this.#options = options;
    this.#logBytesAtStart = options.log.bytesWritten;
  }

  /** Whether a greater part of the log's allowance is used than of the snapshot is written. */
  get isBehind(): boolean {
    const { lastSlices, log, logBytesAllowed } = this.#options;
    const logged = log.bytesWritten - this.#logBytesAtStart;
    return logged / logBytesAllowed > this.slices / Math.max(1, lastSlices);
  }
}
