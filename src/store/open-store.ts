/** Opens a data directory: lock, identity, hard state, log, in this order, then a store to use. */
import { AssertionError } from "../assert";
import { FatalError, StartupError } from "../errors";
import { type DiskId, incarnation, type LogIndex, logIndex } from "../types";
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
import { defaultStoreLimits, type StoreLimits } from "./limits";
import type { DurableListener, FileSystem, Identity, Recovered } from "./ports";
import { type RecoveredLog, recoverLog } from "./recovery";
import { Reserve } from "./reserve";
import { Segment } from "./segment";
import { SegmentedLog } from "./segmented-log";

export interface StoreOptions extends ClaimedIdentity {
  /** Called at the first start only. */
  readonly drawDiskId: () => DiskId;
  readonly onDurable: DurableListener;
  /** Called at most once, and never while `openStore` runs. The store is dead afterwards. */
  readonly onFatal: (error: FatalError) => void;
  readonly limits?: Partial<StoreLimits>;
}

export interface OpenedStore {
  readonly store: SegmentedLog;
  readonly identity: Identity;
  readonly recovered: Recovered;
}

/**
 * Opens the store, blocking. Errors: `StartupError` `data_locked`, `wrong_node`, `wrong_cluster`,
 * `bad_flag`, `data_unreadable`; `FatalError` `log_corrupted`, `hard_state_corrupted`,
 * `identity_corrupted`, `fsync_failed`. After an error nothing is locked.
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
  const stored = establishIdentity(fileSystem, options);
  // Whatever fails in the background fails the store as a whole.
  const onFatal = (error: FatalError) => store.fail(error);
  const hardState = HardStateFile.open(fileSystem, onFatal);
  const found = recoverLog(fileSystem, hardState.slot.mark);
  const { commitIndex, entries, lastBatch, lastIndex, positions } = found.log;
  const forgottenUpTo = stillForgotten(hardState, found);
  hardState.writeNow({
    incarnation: incarnation(hardState.slot.incarnation + 1),
    mark: { batch: lastBatch, index: lastIndex },
    forgottenUpTo,
  });
  const reserve = new Reserve(fileSystem, limits.reserveBytes, onFatal);
  reserve.restoreNow();
  const { onDurable } = options;
  const store = new SegmentedLog({
    fileSystem,
    segments: found.segments,
    positions,
    end: { lastIndex, lastBatch, commitIndex },
    hardState,
    reserve,
    limits,
    onDurable,
    onFatal: options.onFatal,
  });
  return {
    store,
    identity: { ...stored, incarnation: hardState.slot.incarnation },
    recovered: {
      hardState: hardState.slot.hardState,
      entries,
      commitIndex,
      forgottenUpTo,
      trimmed: found.trimmed,
    },
  };
}

/** Reads and checks who we are, or writes it down at the first start. */
function establishIdentity(fileSystem: FileSystem, options: StoreOptions): StoredIdentity {
  if (fileSystem.exists(IDENTITY_FILE)) {
    const stored = readIdentity(fileSystem);
    checkIdentity(stored, options, fileSystem.describe(""));
    return stored;
  }
  if (hasHistory(fileSystem)) throw missingIdentity(fileSystem.describe(IDENTITY_FILE));
  const { nodeId, clusterId, founders } = options;
  if (!clusterId || !founders) {
    const directory = fileSystem.describe("");
    throw new StartupError("bad_flag", `${directory} is empty: its first start needs --cluster`);
  }
  // The identity comes last: where it stands, the first start was finished.
  HardStateFile.create(fileSystem);
  const stored = { nodeId, clusterId, diskId: options.drawDiskId(), founders };
  writeIdentity(fileSystem, stored);
  return stored;
}

/** Whether this node has ever run here. A first start that was cut short left no history. */
function hasHistory(fileSystem: FileSystem): boolean {
  if (Segment.exist(fileSystem)) return true;
  if (!fileSystem.exists(HARD_STATE_FILE)) return false;
  const hardState = HardStateFile.open(fileSystem, () => {});
  hardState.close();
  return hardState.slot.incarnation > 0;
}

/** What was forgotten now or before and has not been caught up with yet. */
function stillForgotten(
  hardState: HardStateFile,
  { log, ...found }: RecoveredLog,
): LogIndex | null {
  const upTo = Math.max(hardState.slot.forgottenUpTo ?? 0, found.forgottenUpTo ?? 0);
  return upTo > log.lastIndex ? logIndex(upTo) : null;
}

function asTyped(error: unknown, fileSystem: FileSystem): unknown {
  const isTyped =
    error instanceof StartupError || error instanceof FatalError || error instanceof AssertionError;
  if (isTyped) return error;
  const directory = fileSystem.describe("");
  return new StartupError("data_unreadable", `${directory} cannot be opened: ${error}`);
}
