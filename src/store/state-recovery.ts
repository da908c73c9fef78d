/**
 * Brings state and log back after a stop or a crash: the newest snapshot that can be used, and the
 * log behind it. A damaged one is set aside for the one before, from which the log goes on too, and
 * a log that is whole needs none.
 */
import { FatalError } from "../errors";
import { type ClusterId, type LogIndex, logIndex, type SnapshotInfo } from "../types";
import { REPLACE_THIS_NODE } from "./fatal";
import type { DurableMark } from "./hard-state-slot";
import type { KvProjection } from "./kv-projection";
import { type FileSystem, type RecoveredSnapshot, SnapshotDamagedError } from "./ports";
import { logReachesBackTo, type RecoveredLog, recoverLog } from "./recovery";
import {
  type FoundSnapshot,
  findSnapshots,
  keepOnly,
  readInfo,
  setAside,
} from "./snapshot-catalogue";
import { loadSnapshot } from "./snapshot-loader";

export interface StateRecoveryOptions {
  /** Where the log last was known to be durable. */
  readonly mark: DurableMark;
  readonly clusterId: ClusterId;
  readonly makeProjection: () => KvProjection;
  readonly snapshotsKept: number;
}

export interface RecoveredState {
  /** As the snapshot has it, or blank. */
  readonly projection: KvProjection;
  readonly snapshot: RecoveredSnapshot | null;
  readonly log: RecoveredLog;
  /** Newest first. */
  readonly published: readonly SnapshotInfo[];
  /** One line for each snapshot that could not be used. */
  readonly damaged: readonly string[];
  /**
   * The last entry that any of those stood for: where the log ends below it, this node may have
   * acknowledged what it has no more.
   */
  readonly damagedUpTo: LogIndex;
}

/** A snapshot's file that cannot be used, and why. */
interface Damage {
  readonly name: string;
  /** By its name. */
  readonly lastIndex: LogIndex;
  readonly line: string;
}

interface Usable {
  readonly snapshot: RecoveredSnapshot;
  readonly projection: KvProjection;
}

/** Errors: as `recoverLog`; `FatalError` `snapshot_corrupted`, `StartupError` `data_unreadable`. */
export function recoverState(
  fileSystem: FileSystem,
  options: StateRecoveryOptions,
): RecoveredState {
  const damages: Damage[] = [];
  const found = findSnapshots(fileSystem);
  const usable = findUsable(fileSystem, found, options, damages);
  const log = recoverLog(fileSystem, options.mark, usable?.snapshot.info ?? null);
  const older = olderThan(usable, found)
    .slice(0, options.snapshotsKept - 1)
    .flatMap((snapshot) => infoOrDamage(fileSystem, snapshot, damages) ?? []);
  const published = usable ? [usable.snapshot.info, ...older] : [];
  // Only now: until here a start that fails leaves everything as it was found.
  setAside(
    fileSystem,
    damages.map(({ name }) => name),
  );
  keepOnly(fileSystem, published);
  return {
    projection: usable?.projection ?? options.makeProjection(),
    snapshot: usable?.snapshot ?? null,
    log,
    published,
    damaged: damages.map(({ line }) => line),
    damagedUpTo: logIndex(Math.max(0, ...damages.map(({ lastIndex }) => lastIndex))),
  };
}

/** The newest one that is intact and that the log goes on from; null where none is needed. */
function findUsable(
  fileSystem: FileSystem,
  found: readonly FoundSnapshot[],
  options: StateRecoveryOptions,
  damages: Damage[],
): Usable | null {
  const neededIndex = logReachesBackTo(fileSystem);
  for (const snapshot of found) {
    if (snapshot.lastIndex < neededIndex) break;
    const usable = load(fileSystem, snapshot, options, damages);
    if (usable) return usable;
  }
  if (neededIndex > 0 && damages.length > 0) throw corrupted(fileSystem, damages, neededIndex);
  return null;
}

function load(
  fileSystem: FileSystem,
  found: FoundSnapshot,
  { clusterId, makeProjection }: StateRecoveryOptions,
  damages: Damage[],
): Usable | null {
  const { lastIndex, lastTerm, name } = found;
  const opened = fileSystem.open(name, { create: false });
  const path = fileSystem.describe(name);
  const file = { path, size: () => opened.size(), read: opened.read.bind(opened) };
  try {
    const expected = { clusterId, lastIndex, lastTerm };
    const { head, info, state } = loadSnapshot({ file, expected, makeProjection });
    const { configuration, timeMs } = head;
    return { projection: state, snapshot: { info, configuration, timeMs } };
  } catch (error) {
    if (!(error instanceof SnapshotDamagedError)) throw error;
    damages.push({ name, lastIndex, line: error.message });
    return null;
  } finally {
    opened.close();
  }
}

function olderThan(usable: Usable | null, found: readonly FoundSnapshot[]): FoundSnapshot[] {
  const index = usable?.snapshot.info.lastIndex ?? 0;
  return found.filter(({ lastIndex }) => lastIndex < index);
}

/** It is read as a whole only when it is needed. */
function infoOrDamage(
  fileSystem: FileSystem,
  found: FoundSnapshot,
  damages: Damage[],
): SnapshotInfo | null {
  const info = readInfo(fileSystem, found);
  if (info !== null) return info;
  const path = fileSystem.describe(found.name);
  const { lastIndex, name } = found;
  damages.push({ name, lastIndex, line: `${path}: damaged at its end (no last record)` });
  return null;
}

function corrupted(
  fileSystem: FileSystem,
  damages: readonly Damage[],
  neededIndex: number,
): FatalError {
  const lines = damages.map(({ line }) => line).join("; ");
  const message =
    `${lines}; the log begins behind entry ${neededIndex}, and no other snapshot reaches ` +
    "that far";
  const file = fileSystem.describe(damages[0]?.name ?? "");
  return new FatalError("snapshot_corrupted", message, { file, nextStep: REPLACE_THIS_NODE });
}
