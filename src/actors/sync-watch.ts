/**
 * Notices a disk that has become slow, by the data syncs of the log. A completion is heard of in
 * the next turn of the loop at the earliest, so that a busy loop makes every sync seem long: one
 * counts as slow only if the loop has come round after its time and still not heard of it.
 */
import type { Clock } from "./clock";
import type { NodeLimits } from "./limits";
import type { Logger } from "./logger";
import { duration } from "./phrases";

export interface SyncWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: Pick<
    NodeLimits,
    "slowSyncMs" | "syncSampleMs" | "slowSyncsToTell" | "quickSyncsToTell" | "syncMemoryMs"
  >;
}

/** In the words of the log and of `why`. **Units**: ms. */
export const describeSlowDisk = (syncMs: number): string =>
  `the disk is slow: syncs take ${duration(syncMs)}`;

const notSampled = () => {};

export class SyncWatch {
  readonly #options: SyncWatchOptions;
  #timer: unknown = null;
  #isSampling = false;
  #nextSampleMs = Number.NEGATIVE_INFINITY;
  /** Samples in a row that contradict what was told last. */
  #contrary = 0;
  /** Of the slow ones in a row; the shortest, which had to wait for the loop the least. */
  #shortestMs = Number.POSITIVE_INFINITY;
  /** Of the last slow sample, from when that is told until it is over. */
  #slowMs: number | null = null;
  /** When the last sample ended. Units: ms, monotonic. */
  #sampledMs = Number.NEGATIVE_INFINITY;

  constructor(options: SyncWatchOptions) {
    this.#options = options;
  }

  /**
   * How long a sync takes while the disk is slow; null while it is not, and where nothing was
   * synced for so long that nobody knows. **Units**: ms.
   */
  get slowMs(): number | null {
    const { clock, limits } = this.#options;
    return clock.nowMs() - this.#sampledMs > limits.syncMemoryMs ? null : this.#slowMs;
  }

  /** A data sync has begun; what comes back is to be called when it has ended. */
  began(): () => void {
    const { clock, limits } = this.#options;
    const beganMs = clock.nowMs();
    if (this.#isSampling || beganMs < this.#nextSampleMs) return notSampled;
    this.#isSampling = true;
    this.#nextSampleMs = beganMs + limits.syncSampleMs;
    let isSlow = false;
    const comeRound = () => clock.defer(() => clock.defer(notYet));
    const notYet = () => {
      isSlow = true;
    };
    this.#timer = clock.setTimeout(comeRound, limits.slowSyncMs);
    return () => {
      clock.clearTimeout(this.#timer);
      this.#isSampling = false;
      this.#sampledMs = clock.nowMs();
      if (isSlow) this.#onSlow(this.#sampledMs - beganMs);
      else this.#onQuick();
    };
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
  }

  #onSlow(syncMs: number): void {
    const { limits, logger } = this.#options;
    if (this.#slowMs !== null) {
      this.#contrary = 0;
      this.#slowMs = syncMs;
      return;
    }
    this.#contrary += 1;
    this.#shortestMs = Math.min(this.#shortestMs, syncMs);
    if (this.#contrary < limits.slowSyncsToTell) return;
    this.#slowMs = this.#shortestMs;
    this.#contrary = 0;
    logger("warn", describeSlowDisk(this.#slowMs));
  }

  #onQuick(): void {
    const { limits, logger } = this.#options;
    this.#shortestMs = Number.POSITIVE_INFINITY;
    if (this.#slowMs === null) {
      this.#contrary = 0;
      return;
    }
    this.#contrary += 1;
    if (this.#contrary < limits.quickSyncsToTell) return;
    this.#slowMs = null;
    this.#contrary = 0;
    logger("info", "the disk is quick again");
  }
}
