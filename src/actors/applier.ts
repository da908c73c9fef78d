import { assert } from "../assert";
import { MalformedError } from "../codec/malformed";
import { FatalError } from "../errors";
import type { KvProjection } from "../store/kv-projection";
import type { LogStore } from "../store/ports";
import type { CommandResult, LogEntry, LogIndex } from "../types";
import { indexPlus, logIndex } from "../types";
import type { Clock } from "./clock";
import type { NodeLimits } from "./limits";

export interface ApplierOptions {
  readonly clock: Clock;
  readonly limits: NodeLimits;
  readonly log: Pick<LogStore, "read">;
  readonly projection: KvProjection;
  onApplied(entry: LogEntry, result: CommandResult | null): void;
  /** A committed entry cannot be applied: nothing after it may be. */
  onFailure(error: FatalError): void;
  /** After each slice: this node's copy has come as far as `appliedIndex`. */
  onAdvanced(appliedIndex: LogIndex): void;
}

/**
 * Folds committed entries into the projection, in order, each once (Raft §5.3: "once a follower
 * learns that a log entry is committed, it applies the entry to its local state machine"). A long
 * stretch is applied in slices, between which the node breathes.
 */
export class Applier {
  readonly #options: ApplierOptions;
  #appliedIndex = logIndex(0);
  #commitIndex = logIndex(0);
  #isApplying = false;
  #isStopped = false;

  constructor(options: ApplierOptions) {
    this.#options = options;
    // What a snapshot holds was applied when it was taken.
    this.#appliedIndex = options.projection.appliedIndex;
    this.#commitIndex = this.#appliedIndex;
  }

  /** Invariant: `appliedIndex <= commitIndex`. */
  get appliedIndex(): LogIndex {
    return this.#appliedIndex;
  }

  /** The log is about to close: what is left is applied at the next start. */
  stop(): void {
    this.#isStopped = true;
  }

  /** "Reset state machine using snapshot contents" (Raft figure 13): all of it, at once. */
  adopt(state: KvProjection): void {
    const { onAdvanced, projection } = this.#options;
    assert(state.appliedIndex >= this.#appliedIndex, "a snapshot never takes the state back");
    projection.adopt(state);
    // The projection's: what was adopted is left blank.
    this.#appliedIndex = projection.appliedIndex;
    this.#commitIndex = logIndex(Math.max(this.#commitIndex, this.#appliedIndex));
    onAdvanced(this.#appliedIndex);
  }

  applyThrough(commitIndex: LogIndex): void {
    if (commitIndex > this.#commitIndex) this.#commitIndex = commitIndex;
    if (!this.#isApplying) this.#applySlice();
  }

  #applySlice(): void {
    if (this.#isStopped) return;
    const { clock, limits, log } = this.#options;
    this.#isApplying = true;
    const sliceEnd = indexPlus(this.#appliedIndex, limits.applySliceEntries);
    const last = logIndex(Math.min(sliceEnd, this.#commitIndex));
    while (this.#appliedIndex < last) {
      const first = indexPlus(this.#appliedIndex, 1);
      for (const entry of log.read(first, last, limits.readPageBytes)) {
        if (!this.#apply(entry)) return;
      }
    }
    this.#isApplying = this.#appliedIndex < this.#commitIndex;
    this.#options.onAdvanced(this.#appliedIndex);
    if (this.#isApplying) clock.defer(() => this.#applySlice());
  }

  /** False when it cannot be applied; the applier stands still then, for good. */
  #apply(entry: LogEntry): boolean {
    const { onApplied, onFailure, projection } = this.#options;
    let result: CommandResult | null;
    try {
      result = projection.apply(entry);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      onFailure(unreadable(entry, error));
      return false;
    }
    this.#appliedIndex = entry.index;
    onApplied(entry, result);
    return true;
  }
}

const unreadable = ({ index }: LogEntry, cause: MalformedError) =>
  new FatalError("log_corrupted", `committed entry ${index} cannot be read: ${cause.message}`, {
    nextStep: "keep the data directory and report this; a newer version may have written it",
    cause,
  });
