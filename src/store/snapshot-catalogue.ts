/** Which snapshots a data directory holds, by their names and last records. */
import { type LogIndex, logIndex, type SnapshotInfo, type Term, term } from "../types";
import type { FileSystem } from "./ports";
import { END_BYTES, readEnd } from "./snapshot-format";

const NAME = /^snapshot-(\d{16})-(\d{16})\.balsa$/;
const DAMAGED_SUFFIX = ".damaged";

/** A file that bears the name of a snapshot. */
export interface FoundSnapshot {
  readonly name: string;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

type Place = Pick<SnapshotInfo, "lastIndex" | "lastTerm">;

export const snapshotName = ({ lastIndex, lastTerm }: Place): string =>
  `snapshot-${digits(lastIndex)}-${digits(lastTerm)}.balsa`;

const digits = (value: number): string => String(value).padStart(16, "0");

/** Newest first, whether they can be used or not. */
export function findSnapshots(fileSystem: FileSystem): FoundSnapshot[] {
  const found: FoundSnapshot[] = [];
  for (const name of fileSystem.list()) {
    const [, index, lastTerm] = NAME.exec(name) ?? [];
    if (index === undefined || lastTerm === undefined) continue;
    found.push({ name, lastIndex: logIndex(Number(index)), lastTerm: term(Number(lastTerm)) });
  }
  return found.sort((a, b) => b.lastIndex - a.lastIndex || b.lastTerm - a.lastTerm);
}

/** What the end of the file says of it; null where it is no end of a snapshot. */
export function readInfo(fileSystem: FileSystem, found: FoundSnapshot): SnapshotInfo | null {
  const file = fileSystem.open(found.name, { create: false });
  try {
    const byteLength = file.size();
    const end = readEnd(file.read(Math.max(0, byteLength - END_BYTES), END_BYTES));
    if (end === null) return null;
    const { lastIndex, lastTerm } = found;
    return { lastIndex, lastTerm, byteLength, checksum: end.checksum };
  } finally {
    file.close();
  }
}

/** Takes damaged files, newest first, out of the way; the newest is kept for whoever asks why. */
export function setAside(fileSystem: FileSystem, names: readonly string[]): void {
  const [newest, ...others] = names;
  if (newest === undefined) return;
  const earlier = fileSystem.list().filter((name) => name.endsWith(DAMAGED_SUFFIX));
  for (const name of [...earlier, ...others]) fileSystem.remove(name);
  fileSystem.rename(newest, newest + DAMAGED_SUFFIX);
}

/** Removes all others. Not durably: what a crash brings back is removed at the next start. */
export function keepOnly(fileSystem: FileSystem, kept: readonly SnapshotInfo[]): void {
  const names = new Set(kept.map(snapshotName));
  for (const { name } of findSnapshots(fileSystem)) {
    if (!names.has(name)) fileSystem.remove(name);
  }
}
