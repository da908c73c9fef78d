import { defaultWindow, type WindowLimits } from "../machines/replicator.machine";

/** Every bound of a running node, by name. */
export interface NodeLimits {
  /** Writes under way on this node before new ones wait for room. */
  readonly proposalsMax: number;
  /** How long a write waits at most for room before it is told `overloaded`. Units: ms. */
  readonly lineWaitMsMax: number;
  /** Writes that wait for room before new ones are told at once. */
  readonly lineMax: number;
  /** Commands in one batch. */
  readonly batchCommandsMax: number;
  /** Bytes of commands in one batch; one command always fits. */
  readonly batchBytesMax: number;
  /** How long a batch gathers at most while the one before is not committed. Units: ms. */
  readonly gatherMsMax: number;
  /** How long a batch waits at most for callers who are expected: see `Anticipation`. Units: ms. */
  readonly anticipateMsMax: number;
  /** Reads that nobody has answered yet before new ones are told `overloaded`. */
  readonly readsMax: number;
  /** Changes of membership, and transfers, under way before new ones are told `overloaded`. */
  readonly changesMax: number;
  /** Raft messages that wait for a hard state to be on disk before the oldest are dropped. */
  readonly heldMessagesMax: number;
  /** Entries applied before other work gets a turn. */
  readonly applySliceEntries: number;
  /** Bytes read from the log at once to be applied or shown. */
  readonly readPageBytes: number;
  /** How long to wait before asking for a leader again. Units: ms. */
  readonly retryDelayMs: number;
  /** How long one node waits for another's part of a status. Units: ms. */
  readonly reportTimeoutMs: number;
  /** How long a follower waits for a read index before it asks again. Units: ms. */
  readonly readIndexTimeoutMs: number;
  /** How long a node that stops tries to hand over its office. Units: ms. */
  readonly handOverTimeoutMs: number;
  /**
   * Between two slices of a snapshot that is loaded: whoever else runs on this machine, other nodes
   * of a cluster perhaps, is not to wait for one that has time. Units: ms.
   */
  readonly loadRestMs: number;
  /** How often a node looks for room on its disk and repeats the durable mark. Units: ms. */
  readonly diskCheckMs: number;
  /** A data sync of the log that takes longer is slow. Units: ms. */
  readonly slowSyncMs: number;
  /** Between two syncs that are looked at. Units: ms. */
  readonly syncSampleMs: number;
  /** So many slow ones in a row are told of, and so many quick ones once they were. */
  readonly slowSyncsToTell: number;
  readonly quickSyncsToTell: number;
  /** How long the last sync that was looked at still says something of the disk. Units: ms. */
  readonly syncMemoryMs: number;
  /**
   * A snapshot is due once the log has grown by a KiB for each of `--snapshot-entries`, but within
   * these bounds, and a part of the last snapshot besides: `dueBytes`. A directory stays below
   *
   *     4 · live data + 3 · that growth + 16 MiB of reserve + 10 MiB
   *
   * which is two segments beside the live data at the lower bound. That is so as long as the data
   * neither shrinks nor compresses worse than it did, and while a snapshot is synced no more is
   * logged than 3 MiB and a seventh of it: three times what is more comes on top. (Of the four only
   * 3.75 are reckoned with, and of the 10 MiB segments round up by two at most. That leaves each of
   * three syncs 2.7 MiB and a twelfth, beside the quarter that `writingBytes` leaves it.) Live data
   * is keys and values, or a snapshot's file where that is longer: it holds the remembered answers
   * too. A snapshot on its way to a peer, or from one, is extra. Units: bytes.
   */
  readonly snapshotLogBytesMin: number;
  readonly snapshotLogBytesMax: number;
  /** How much may be on its way to one peer. */
  readonly window: WindowLimits;
}

export const defaultLimits: NodeLimits = {
  proposalsMax: 8192,
  lineWaitMsMax: 800,
  lineMax: 32_768,
  batchCommandsMax: 1024,
  batchBytesMax: 1024 * 1024,
  gatherMsMax: 5,
  anticipateMsMax: 1,
  readsMax: 65_536,
  changesMax: 64,
  heldMessagesMax: 1024,
  applySliceEntries: 2048,
  readPageBytes: 1024 * 1024,
  retryDelayMs: 20,
  reportTimeoutMs: 600,
  readIndexTimeoutMs: 500,
  handOverTimeoutMs: 2000,
  loadRestMs: 2,
  diskCheckMs: 1000,
  slowSyncMs: 10,
  syncSampleMs: 100,
  slowSyncsToTell: 5,
  quickSyncsToTell: 20,
  syncMemoryMs: 10_000,
  snapshotLogBytesMin: 2 * 1024 * 1024,
  snapshotLogBytesMax: 64 * 1024 * 1024,
  window: defaultWindow,
};
