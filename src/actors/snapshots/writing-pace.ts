import type { LogStore, SnapshotWriting } from "../../store/ports";

/**
 * Slices in one turn of the loop at most, when the log is outgrowing the snapshot: some 4 MiB of
 * state, in some 15 ms, where values are small. So a log that grows by three quarters of a MiB in
 * each turn is kept up with, which is more than batches of a MiB come to, each of which waits for
 * the one before.
 */
export const SLICES_PER_TURN_MAX = 64;
/**
 * After which no further slice is begun in the same turn: one holds a whole value, which may be a
 * MiB, and a slow disk may hold a write back. So 64 of them may take longer than an election
 * timeout, and a leader's heartbeats would wait behind them. Units: ms.
 */
export const TURN_MS_MAX = 50;

export interface WritingPaceOptions {
  readonly log: Pick<LogStore, "bytesWritten">;
  /** Where the log may be when the snapshot is written whole. */
  readonly logBytesMax: number;
  readonly file: Pick<SnapshotWriting, "byteLength">;
  /** About how long the snapshot will be. */
  readonly fileBytes: number;
}

/**
 * How fast a snapshot is written: at leisure, unless the log grows faster. What is logged meanwhile
 * cannot be cut off until the next one, so it must stay within what may be logged between two.
 */
export class WritingPace {
  readonly #options: WritingPaceOptions;
  readonly #logBytesAtStart: number;

  constructor(options: WritingPaceOptions) {
    this.#options = options;
    this.#logBytesAtStart = options.log.bytesWritten;
  }

  /**
   * Whether a greater part of the log's allowance is used than of the snapshot is written; once all
   * of that is used, the snapshot is longer than was thought, and nobody knows by how much.
   */
  get isBehind(): boolean {
    const { file, fileBytes, log, logBytesMax } = this.#options;
    const logged = log.bytesWritten - this.#logBytesAtStart;
    const allowed = logBytesMax - this.#logBytesAtStart;
    if (logged > allowed) return true;
    // Not as quotients: nothing may be allowed any more, and an empty state has no length.
    return logged * fileBytes > file.byteLength * allowed;
  }
}
