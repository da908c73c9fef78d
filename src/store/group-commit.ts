/**
 * One data sync at a time, for everything that was appended before it began. What is appended
 * meanwhile waits and shares the next one:
 *
 *   append 1   append 2   append 3        append 4
 *   |--- sync of 1 ---------|--- sync of 2 and 3 ---|--- sync of 4 …
 *                           durable(1)              durable(3)
 */
import type { FatalError } from "../errors";
import type { LogIndex } from "../types";
import { indexPlus, logIndex } from "../types";
import { syncFailed } from "./fatal";
import type { DurableMark } from "./hard-state-slot";
import type { DurableListener, SyncListener } from "./ports";
import type { Segment } from "./segment";

/** The newest append: a sync that begins now covers it and everything before it. */
export interface Appended extends DurableMark {
  readonly generation: number;
  readonly segment: Segment;
}

export interface GroupCommitListeners {
  readonly onDurable: DurableListener;
  readonly onSyncing: SyncListener;
  readonly onFatal: (error: FatalError) => void;
  /** Called after each sync, before `onDurable`. */
  readonly onSynced: (mark: DurableMark) => void;
}

export class GroupCommit {
  syncs = 0;
  #durable: DurableMark;
  #unsynced: Appended | null = null;
  #syncing = false;
  /** The lowest last index that truncations since the sync under way began have left standing. */
  #keptIndex: LogIndex | null = null;
  /** What a sync covers that was appended before this batch counts no more: see `startAnew`. */
  #firstBatch = 0;
  #failed = false;
  #whenIdle: (() => void) | null = null;

  constructor(
    durable: DurableMark,
    private readonly listeners: GroupCommitListeners,
  ) {
    this.#durable = durable;
  }

  /** Invariant: its index is at most the log's last index, also right after a truncation. */
  get durable(): DurableMark {
    return this.#durable;
  }

  /** A batch was written: begins its sync, or lets it join the next one. */
  appended(batch: Appended): void {
    this.#unsynced = batch;
    this.#begin();
  }

  /** The next batch replaces everything from `firstIndex` on. */
  truncated(firstIndex: LogIndex): void {
    const kept = indexPlus(firstIndex, -1);
    this.#keptIndex = lower(kept, this.#keptIndex);
    this.#durable = { ...this.#durable, index: lower(this.#durable.index, kept) };
  }

  /** Everything appended so far was synced by someone else: the log has turned to a new segment. */
  syncedBefore(mark: DurableMark): void {
    this.#durable = mark;
  }

  /** The log was replaced by nothing behind `mark`, durably: what was appended before is void. */
  startAnew(mark: DurableMark): void {
    this.#durable = mark;
    this.#unsynced = null;
    this.#firstBatch = mark.batch;
  }

  /** Calls back once no sync is under way or due. Never after a failure. */
  whenIdle(callback: () => void): void {
    this.#whenIdle = callback;
    this.#settle();
  }

  /** Ignores whatever still completes. */
  stop(): void {
    this.#failed = true;
  }

  #begin(): void {
    const batch = this.#unsynced;
    if (!batch || this.#syncing || this.#failed) return;
    this.#unsynced = null;
    this.#keptIndex = null;
    this.#syncing = true;
    const onEnded = this.listeners.onSyncing();
    batch.segment.startSync((error) => {
      onEnded();
      this.#completed(batch, error);
    });
  }

  #completed(batch: Appended, error: Error | null): void {
    this.#syncing = false;
    if (this.#failed) return;
    if (error) {
      this.#failed = true;
      this.listeners.onFatal(syncFailed(batch.segment.path, error));
      return;
    }
    this.syncs++;
    if (batch.batch > this.#durable.batch) {
      this.#durable = { batch: batch.batch, index: lower(batch.index, this.#keptIndex) };
    }
    this.listeners.onSynced(this.#durable);
    // The next sync begins before anyone reacts to this one: the disk need not wait for that.
    this.#begin();
    if (batch.batch >= this.#firstBatch) {
      this.listeners.onDurable(batch.index, batch.generation);
    }
    this.#settle();
  }

  #settle(): void {
    if (!this.#whenIdle || this.#syncing || this.#unsynced || this.#failed) return;
    const callback = this.#whenIdle;
    this.#whenIdle = null;
    callback();
  }
}

const lower = (index: LogIndex, bound: LogIndex | null): LogIndex =>
  logIndex(bound === null ? index : Math.min(index, bound));
