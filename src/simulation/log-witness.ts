/**
 * What one node's log truly holds, and how much of it its disk truly holds. The witness stands
 * between node and store and believes neither: an entry is durable when the disk has carried over
 * every byte of it and of all before it.
 *
 * Each index has a *chain*: a hash of its record and of all records before it. Two logs with the
 * same chain at an index are the same up to there. Of what a snapshot stands for the witness has
 * seen no record: there the chain is that of the committed log, which whoever watches all nodes
 * knows.
 */
import type { KvSnapshotReceiving, KvSnapshots } from "../actors/snapshots/kv-snapshots";
import type { LogStore, PatientLogStore } from "../store/ports";
import {
  type LogEntry,
  type LogIndex,
  logIndex,
  type SnapshotInfo,
  type Term,
  term,
} from "../types";
import { DelegatingLog, DelegatingPatientLog } from "./delegating-log";
import { DelegatingSnapshots, receivingWith } from "./delegating-snapshots";
import { type DiskMark, isSettled, type SimulatedDisk } from "./disk";

/** Files of the log begin so. */
const SEGMENT_PREFIX = "log-";
/** Where a record keeps its checksum (codec/record). Units: bytes. */
const CHECKSUM_OFFSET = 4;

/** The chain of a log that ends with `entry`, behind a log whose chain is `before`. */
export function chainOf(before: number, { record, term }: LogEntry): number {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const checksum = view.getUint32(CHECKSUM_OFFSET);
  const mixed = Math.imul(before ^ checksum ^ (before >>> 15), 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 13) ^ term, 0x85ebca6b) ^ (mixed >>> 16);
}

/** The chain of the committed log at an index; undefined where nothing is known committed. */
export type CommittedChain = (index: LogIndex) => number | undefined;

const chainOfNothing: CommittedChain = (index) => (index === 0 ? 0 : undefined);

interface Ending {
  readonly index: LogIndex;
  readonly term: Term;
}

interface PendingBatch {
  lastIndex: LogIndex;
  /** null until the batch has been given to the disk. */
  mark: DiskMark | null;
}

export class LogWitness {
  readonly #disk: SimulatedDisk;
  readonly #failedSyncs: number;
  readonly #committedChain: CommittedChain;
  /** The entry before the first that the witness has seen; a snapshot stands for it. */
  #base: Ending;
  #terms: Term[] = [];
  #chains: number[] = [];
  #pending: PendingBatch[] = [];
  #durableIndex = logIndex(0);
  /** What an installed snapshot holds is durable, whatever the log has written of it. */
  #snapshotIndex = logIndex(0);
  #isFrozen = false;

  /** Begins with a log that recovery has found, all of it durable. */
  constructor(
    disk: SimulatedDisk,
    recovered: readonly LogEntry[],
    base: Ending = { index: logIndex(0), term: term(0) },
    committedChain: CommittedChain = chainOfNothing,
  ) {
    this.#disk = disk;
    this.#failedSyncs = disk.failedSyncs;
    this.#base = base;
    this.#committedChain = committedChain;
    for (const entry of recovered) this.#push(entry);
    this.#durableIndex = this.lastIndex;
  }

  get lastIndex(): LogIndex {
    return logIndex(this.#base.index + this.#terms.length);
  }

  /** Up to where a power loss now would leave this very log. Never above `lastIndex`. */
  get durableIndex(): LogIndex {
    this.#advance();
    return logIndex(Math.max(this.#durableIndex, this.#snapshotIndex));
  }

  /** 0 for an index that the log does not hold. */
  termAt(index: LogIndex): Term {
    if (index === this.#base.index) return this.#base.term;
    return this.#terms[index - this.#base.index - 1] ?? term(0);
  }

  /** Of everything up to `index`; undefined where the log does not reach. */
  chainAt(index: LogIndex): number | undefined {
    if (index <= this.#base.index) return this.#committedChain(index);
    return this.#chains[index - this.#base.index - 1];
  }

  /** The process is gone: from now on the disk changes behind the witness's back. */
  freeze(): void {
    this.#advance();
    this.#isFrozen = true;
  }

  /**
   * The log as the node uses it; `onAppended` hears of every append before the store does, and how
   * many entries it replaced.
   */
  watchNode(
    log: PatientLogStore,
    onAppended: (entries: readonly LogEntry[], replaced: number) => void,
  ): PatientLogStore {
    const note = (entries: readonly LogEntry[]) => {
      const before = this.lastIndex;
      this.#note(entries);
      onAppended(entries, before + entries.length - this.lastIndex);
    };
    const beginReset = (last: Ending) => this.#beginReset(last);
    const endReset = (last: Ending) => this.#endReset(last);
    return new (class extends DelegatingPatientLog {
      override append(...[entries, options]: Parameters<LogStore["append"]>): void {
        note(entries);
        this.log.append(entries, options);
      }
      override reset(last: Ending): void {
        beginReset(last);
        this.log.reset(last);
        endReset(last);
      }
    })(log);
  }

  /** The log as the disk gets it, batch after batch in the node's order. */
  watchDisk(log: LogStore): LogStore {
    const note = () => this.#noteWritten();
    return new (class extends DelegatingLog {
      override append(...[entries, options]: Parameters<LogStore["append"]>): void {
        this.log.append(entries, options);
        note();
      }
    })(log);
  }

  /** The snapshots as the node uses them: one that is installed stands for a part of the log. */
  watchSnapshots(snapshots: KvSnapshots): KvSnapshots {
    const publish = (receiving: KvSnapshotReceiving) => this.#install(receiving);
    return new (class extends DelegatingSnapshots {
      override receive(info: SnapshotInfo): KvSnapshotReceiving {
        const receiving = super.receive(info);
        return receivingWith(receiving, { publish: () => publish(receiving) });
      }
    })(snapshots);
  }

  #note(entries: readonly LogEntry[]): void {
    const first = entries[0]?.index ?? indexBehind(this.lastIndex);
    const kept = logIndex(first - 1);
    if (kept < this.lastIndex) {
      this.#advance();
      this.#terms.length = kept - this.#base.index;
      this.#chains.length = kept - this.#base.index;
      if (this.#durableIndex > kept) this.#durableIndex = kept;
      for (const batch of this.#pending) if (batch.lastIndex > kept) batch.lastIndex = kept;
    }
    for (const entry of entries) this.#push(entry);
    this.#pending.push({ lastIndex: this.lastIndex, mark: null });
  }

  /** Where the log holds the snapshot's last entry it stays, durable up to there at least. */
  #install(receiving: KvSnapshotReceiving): SnapshotInfo {
    const { lastIndex: index, lastTerm } = receiving.info;
    const isKept = this.chainAt(index) === this.#committedChain(index);
    if (!isKept) this.#beginReset({ index, term: lastTerm });
    const info = receiving.publish();
    if (isKept) this.#snapshotIndex = index;
    return info;
  }

  /** A crash in the middle may leave the log or the snapshot: both hold what they share. */
  #beginReset({ index }: Ending): void {
    this.#advance();
    let shared = Math.min(this.#durableIndex, index);
    while (this.chainAt(logIndex(shared)) !== this.#committedChain(logIndex(shared))) shared--;
    this.#durableIndex = logIndex(shared);
    this.#pending = [];
  }

  #endReset(last: Ending): void {
    this.#base = last;
    this.#terms = [];
    this.#chains = [];
    this.#durableIndex = last.index;
  }

  #push(entry: LogEntry): void {
    this.#chains.push(chainOf(this.chainAt(this.lastIndex) ?? 0, entry));
    this.#terms.push(entry.term);
  }

  #noteWritten(): void {
    const batch = this.#pending.find(({ mark }) => mark === null);
    if (batch) batch.mark = this.#disk.mark(SEGMENT_PREFIX);
  }

  #advance(): void {
    if (this.#isFrozen || this.#disk.failedSyncs !== this.#failedSyncs) return;
    for (let next = this.#pending[0]; next; next = this.#pending[0]) {
      if (next.mark === null || !isSettled(next.mark)) return;
      this.#pending.shift();
      this.#durableIndex = next.lastIndex;
    }
  }
}

const indexBehind = (index: LogIndex): LogIndex => logIndex(index + 1);
