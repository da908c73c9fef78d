/**
 * Opens a data directory: lock, identity, hard state, snapshot, log, in this order, then a store to
 * use.
 */
import { AssertionError, assert } from "../assert";
import { FatalError, StartupError } from "../errors";
import { type Configuration, type DiskId, incarnation, type LogIndex, logIndex } from "../types";
import { removeTemporaryFiles } from "./durable-file";
import { HARD_STATE_FILE, HardStateFile } from "./hard-state";
import {
  type ClaimedIdentity,
  checkIdentity,
  IDENTITY_FILE,
  missingIdentity,
  readIdentity,
  type StoredIdentity,
  writeIdentity,
} from "./identity";
import { KvProjection } from "./kv-projection";
import { defaultStoreLimits, type StoreLimits } from "./limits";
import {
  type DurableListener,
  type FileSystem,
  type FirstPeerPort,
  type Identity,
  NoSpaceError,
  type Recovered,
  type SyncListener,
} from "./ports";
import { Reserve, withReserve } from "./reserve";
import { isAnotherBackup, type Restored, restoreSnapshot } from "./restore";
import { Segment } from "./segment";
import { SegmentedLog } from "./segmented-log";
import { findSnapshots, keepOnly } from "./snapshot-catalogue";
import { SnapshotFiles } from "./snapshot-files";
import type { SnapshotSource } from "./snapshot-loader";
import { type RecoveredState, recoverState } from "./state-recovery";

export interface StoreOptions extends ClaimedIdentity {
  /** Called at the first start only. */
  readonly drawDiskId: () => DiskId;
  readonly onDurable: DurableListener;
  /** Nobody listens unless told. */
  readonly onSyncing?: SyncListener;
  /** Called at most once, and never while `openStore` runs. The store is dead afterwards. */
  readonly onFatal: (error: FatalError) => void;
  readonly limits?: Partial<StoreLimits>;
  /** At the first start only: written down along with who we are. */
  readonly peerPort?: FirstPeerPort;
  /** At the first start only: begin with what a backup holds instead of with nothing. */
  readonly restoreFrom?: SnapshotSource | null;
  /** A blank one; called at the start, and for each snapshot that comes in. */
  readonly makeProjection?: () => KvProjection;
}

export interface OpenedStore {
  readonly store: SegmentedLog;
  readonly snapshots: SnapshotFiles;
  /** The state of `recovered.snapshot`, or a blank one. */
  readonly projection: KvProjection;
  readonly identity: Identity;
  readonly recovered: Recovered;
}

/**
 * Opens the store, blocking. Errors: `StartupError` `data_locked`, `wrong_node`, `wrong_cluster`,
 * `bad_flag`, `data_unreadable`, `disk_full`; `FatalError` `log_corrupted`,
 * `hard_state_corrupted`, `identity_corrupted`, `snapshot_corrupted`, `fsync_failed`,
 * `write_failed`. After an error nothing is locked.
 */
export function openStore(fileSystem: FileSystem, options: StoreOptions): OpenedStore {
  try {
    fileSystem.lock();
  } catch (error) {
    throw asTyped(error, fileSystem);
  }
  try {
    return openLocked(fileSystem, options);
  } catch (error) {
    fileSystem.unlock();
    throw asTyped(error, fileSystem);
  }
}

function openLocked(fileSystem: FileSystem, options: StoreOptions): OpenedStore {
  const limits = { ...defaultStoreLimits, ...options.limits };
  removeTemporaryFiles(fileSystem);
  const stored = establishIdentity(fileSystem, options, limits);
  // Whatever fails in the background fails the store as a whole.
  const onFatal = (error: FatalError) => store.fail(error);
  const hardState = HardStateFile.open(fileSystem, onFatal);
  const makeProjection = options.makeProjection ?? (() => new KvProjection());
  const { clusterId } = stored;
  const { snapshotsKept } = limits;
  const { mark } = hardState.slot;
  const recovering = { mark, clusterId, makeProjection, snapshotsKept };
  // A log that is to begin anew needs a new segment, for which a full disk may have no room.
  // Recovery may be cut short at any place, so it may also be begun again.
  const found = withReserve(
    () => Reserve.drop(fileSystem),
    () => recoverState(fileSystem, recovering),
  );
  const { ends, positions } = found.log.log;
  const forgottenUpTo = stillForgotten(hardState, found);
  hardState.writeNow({
    incarnation: incarnation(hardState.slot.incarnation + 1),
    mark: { batch: ends.lastBatch, index: ends.lastIndex },
    forgottenUpTo,
  });
  const reserve = new Reserve(fileSystem, limits.reserveBytes, onFatal);
  reserve.restoreNow();
  const { segments } = found.log;
  const { onDurable, onSyncing = () => () => {} } = options;
  const log = { segments, positions, ends };
  const store = new SegmentedLog({
    ...log,
    fileSystem,
    hardState,
    reserve,
    limits,
    onDurable,
    onSyncing,
    onFatal: options.onFatal,
  });
  const snapshots = new SnapshotFiles({
    ...limits,
    fileSystem,
    clusterId,
    published: found.published,
    makeProjection,
    releaseReserve: () => reserve.release(),
    onFatal,
  });
  const { projection } = found;
  const identity = { ...stored, incarnation: hardState.slot.incarnation };
  return { store, snapshots, projection, identity, recovered: tell(found, hardState) };
}

/** What the machine must know of it all. */
function tell(found: RecoveredState, { slot }: HardStateFile): Recovered {
  const { damaged, snapshot } = found;
  const { log, trimmed } = found.log;
  return {
    hardState: slot.hardState,
    snapshot,
    base: log.base,
    entries: log.entries,
    commitIndex: log.commitIndex,
    forgottenUpTo: slot.forgottenUpTo,
    trimmed,
    damagedSnapshots: damaged,
  };
}

/** Reads and checks who we are, or writes it down at the first start. */
function establishIdentity(
  fileSystem: FileSystem,
  options: StoreOptions,
  limits: StoreLimits,
): StoredIdentity {
  const directory = fileSystem.describe("");
  if (fileSystem.exists(IDENTITY_FILE)) {
    const stored = readIdentity(fileSystem);
    checkIdentity(stored, options, directory);
    if (options.restoreFrom) checkBackup(stored, options.restoreFrom, directory);
    return stored;
  }
  if (hasHistory(fileSystem)) throw missingIdentity(fileSystem.describe(IDENTITY_FILE));
  const { clusterId, founders, nodeId, peerPort } = options;
  if (!clusterId || !founders) {
    const what = `${directory} is empty: its first start needs --cluster, or --join`;
    throw new StartupError("bad_flag", what);
  }
  // The identity comes last: where it stands, the first start was finished.
  HardStateFile.create(fileSystem);
  const restored = restore(fileSystem, options, founders, limits);
  const stored = {
    nodeId,
    clusterId: restored?.clusterId ?? clusterId,
    diskId: options.drawDiskId(),
    founders,
    restoredFrom: restored?.checksum ?? null,
    listen: peerPort?.listen ?? null,
    configured: peerPort?.configured ?? null,
  };
  writeIdentity(fileSystem, stored);
  return stored;
}

/** Begins with the backup that was asked for; null where none was. */
function restore(
  fileSystem: FileSystem,
  { restoredClusterId: clusterIdOf, restoreFrom: backup }: StoreOptions,
  founders: Configuration,
  { snapshotBlockBytes }: StoreLimits,
): Restored | null {
  // A first start that was cut short may have left what it had restored.
  keepOnly(fileSystem, []);
  if (!backup) return null;
  assert(clusterIdOf !== undefined, "a restored cluster has an id of its own");
  return restoreSnapshot(fileSystem, { backup, clusterIdOf, founders, snapshotBlockBytes });
}

/**
 * A later start may name the backup that the directory was founded from, whether it is still there
 * or not; with another one it would only seem to be restored.
 */
function checkBackup(stored: StoredIdentity, backup: SnapshotSource, directory: string): void {
  if (stored.restoredFrom === null) {
    const message =
      `${directory} holds the data of a cluster already: --restore founds a new one, so it needs ` +
      "an empty --data directory";
    throw new StartupError("bad_flag", message);
  }
  if (!isAnotherBackup(backup, stored.restoredFrom)) return;
  throw new StartupError(
    "wrong_cluster",
    `${directory} belongs to a cluster that was founded from another backup than ${backup.path}: ` +
      "give that one with --restore, or none, or another --data directory",
  );
}

/** Whether this node has ever run here. A first start that was cut short left no history. */
function hasHistory(fileSystem: FileSystem): boolean {
  if (Segment.exist(fileSystem)) return true;
  if (!fileSystem.exists(HARD_STATE_FILE)) return findSnapshots(fileSystem).length > 0;
  const hardState = HardStateFile.open(fileSystem, () => {});
  hardState.close();
  return hardState.slot.incarnation > 0;
}

/** What was forgotten now or before and has not been caught up with yet. */
function stillForgotten(
  hardState: HardStateFile,
  { damagedUpTo, log: { forgottenUpTo, log } }: RecoveredState,
): LogIndex | null {
  const before = hardState.slot.forgottenUpTo;
  const upTo = Math.max(before ?? 0, forgottenUpTo ?? 0, damagedUpTo);
  return upTo > log.lastIndex ? logIndex(upTo) : null;
}

function asTyped(error: unknown, fileSystem: FileSystem): unknown {
  const isTyped =
    error instanceof StartupError || error instanceof FatalError || error instanceof AssertionError;
  if (isTyped) return error;
  const directory = fileSystem.describe("");
  if (error instanceof NoSpaceError) {
    const message = `${directory}: the disk is full: make room, then start the node again`;
    return new StartupError("disk_full", message);
  }
  return new StartupError("data_unreadable", `${directory} cannot be opened: ${error}`);
}
