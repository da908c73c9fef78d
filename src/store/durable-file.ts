/** Writing whole, and writing so that a crash leaves the old file or the new one. */
import { type File, type FileSystem, NoSpaceError } from "./ports";

const TEMPORARY_SUFFIX = ".tmp";
const ZEROS = new Uint8Array(256 * 1024);

/** Writes all of `bytes`, however few the file takes at a time. Errors: as `File.write`. */
export function writeWhole(file: File, position: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    const taken = file.write(position + written, written ? bytes.subarray(written) : bytes);
    // A disk that takes nothing and names no reason is full for all we can tell.
    if (taken === 0) throw new NoSpaceError("the disk took no more bytes");
    written += taken;
  }
}

/** Writes zeros from `position` up to, excluding, `end`. Errors: as `File.write`. */
export function writeZeros(file: File, position: number, end: number): void {
  for (let at = position; at < end; at += ZEROS.length) {
    writeWhole(file, at, ZEROS.subarray(0, Math.min(ZEROS.length, end - at)));
  }
}

export const temporaryName = (name: string): string => name + TEMPORARY_SUFFIX;

/** Creates or replaces `name` durably and at once: after a crash it is the old or the new one. */
export function replaceFile(fileSystem: FileSystem, name: string, bytes: Uint8Array): void {
  const temporary = temporaryName(name);
  const file = fileSystem.open(temporary, { create: true });
  try {
    writeWhole(file, 0, bytes);
    file.dataSync();
  } finally {
    file.close();
  }
  fileSystem.rename(temporary, name);
  fileSystem.syncDirectory();
}

/** Removes what a crash left half written. */
export function removeTemporaryFiles(fileSystem: FileSystem): void {
  for (const name of fileSystem.list()) {
    if (name.endsWith(TEMPORARY_SUFFIX)) fileSystem.remove(name);
  }
}
