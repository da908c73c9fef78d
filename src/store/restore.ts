/**
 * Founds a data directory from a backup: the first snapshot of a new cluster.
 *
 * Keys and values stay as they are, with their revisions and versions. What the old cluster's
 * clients hold in hand must not silently mean something here: log positions and the store's
 * revision go on far above whatever the old cluster may have reached since the backup, so an old
 * position lies below all that is held, and an old token names another cluster. Answers remembered
 * for retries are dropped: they speak of positions that this log never had.
 */
import { StartupError } from "../errors";
import { type ClusterId, type Configuration, indexPlus, logIndex, revision, term } from "../types";
import { replaceFile } from "./durable-file";
import { HardStateFile } from "./hard-state";
import { KvProjection } from "./kv-projection";
import { type FileSystem, SnapshotDamagedError } from "./ports";
import { snapshotName } from "./snapshot-catalogue";
import { encodeSnapshot } from "./snapshot-encoder";
import { END_BYTES, readEnd } from "./snapshot-format";
import { loadSnapshot, type SnapshotSource } from "./snapshot-loader";

/**
 * How far indexes and revisions are moved on: more than any cluster writes between a backup and
 * the loss of it. Source: etcd's `--bump-revision`, which proposes as much.
 */
export const RESTORE_STEP = 1_000_000_000;
/** Of the entry that the restored state stands for; the new cluster's first leader has the next. */
const RESTORED_TERM = term(1);

export interface RestoreOptions {
  readonly backup: SnapshotSource;
  /** What a cluster is called that begins with the backup of this checksum. */
  readonly clusterIdOf: (checksum: number) => ClusterId;
  readonly founders: Configuration;
  /** See `StoreLimits`. */
  readonly snapshotBlockBytes: number;
}

/** What a data directory was founded from. */
export interface Restored {
  readonly clusterId: ClusterId;
  /** Of the backup; see `SnapshotInfo`. */
  readonly checksum: number;
}

/**
 * Writes the new cluster's first snapshot and its term, durably, beside a hard state that nobody
 * has used yet. Errors: `StartupError` `data_unreadable` when the backup is no whole snapshot.
 */
export function restoreSnapshot(fileSystem: FileSystem, options: RestoreOptions): Restored {
  const { backup, clusterIdOf, founders, snapshotBlockBytes } = options;
  const { info, state } = loadBackup(backup);
  state.refound({
    index: indexPlus(info.lastIndex, RESTORE_STEP),
    term: RESTORED_TERM,
    revision: revision(state.revision + RESTORE_STEP),
  });
  const clusterId = clusterIdOf(info.checksum);
  const configuration = { index: logIndex(0), configuration: founders };
  const cut = state.cut();
  const pieces = encodeSnapshot(cut, { clusterId, configuration }, snapshotBlockBytes);
  replaceFile(fileSystem, snapshotName(cut), pieces);
  const hardState = HardStateFile.open(fileSystem, () => {});
  hardState.writeNow({ hardState: { term: RESTORED_TERM, votedFor: null } });
  hardState.close();
  return { clusterId, checksum: info.checksum };
}

/** Whether this is another backup than that of `checksum`, as far as it is one at all. */
export function isAnotherBackup(backup: SnapshotSource, checksum: number): boolean {
  let tail: Uint8Array;
  try {
    tail = backup.read(Math.max(0, backup.size() - END_BYTES), END_BYTES);
  } catch {
    // Moved or removed since: it contradicts nothing, and is not needed.
    return false;
  }
  const end = readEnd(tail);
  return end !== null && end.checksum !== checksum;
}

function loadBackup(file: SnapshotSource) {
  try {
    return loadSnapshot({ file, expected: {}, makeProjection: () => new KvProjection() });
  } catch (error) {
    if (!(error instanceof SnapshotDamagedError)) throw error;
    const how = "it is no whole backup; give another one with --restore";
    throw new StartupError("data_unreadable", `${error.message}: ${how}`);
  }
}
