/**
 * Sole ownership of a directory, by `flock(2)` on a file in it.
 *
 * The kernel ties the lock to the open file: it ends with the process, however that dies, so there
 * is no stale lock to judge and no pid to be mistaken for another. It holds between containers that
 * share a volume, which an abstract socket would not, and works on Linux and macOS. Neither Bun nor
 * Node offers it, so it is called in libc directly.
 */
import { dlopen, FFIType } from "bun:ffi";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { StartupError } from "../../errors";

/** glibc, musl on both architectures, macOS. */
const LIBC_NAMES = [
  "libc.so.6",
  "libc.musl-x86_64.so.1",
  "libc.musl-aarch64.so.1",
  "libSystem.B.dylib",
];
const LOCK_EX = 2;
const LOCK_NB = 4;

export interface DirectoryLock {
  release(): void;
}

/** Takes the lock at `path` or throws. Errors: `StartupError` `data_locked`. */
export function lockDirectory(path: string): DirectoryLock {
  const descriptor = openSync(path, "a+");
  if (flock(descriptor, LOCK_EX | LOCK_NB) !== 0) {
    const holder = readFileSync(path, "utf8").trim();
    closeSync(descriptor);
    const who = holder ? `process ${holder}` : "another process";
    throw new StartupError(
      "data_locked",
      `${path} is held by ${who}: stop that one, or name another --data directory`,
    );
  }
  // Only for people: what counts is the lock.
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  return { release: () => closeSync(descriptor) };
}

function flock(descriptor: number, operation: number): number {
  for (const name of LIBC_NAMES) {
    const libc = tryOpen(name);
    if (!libc) continue;
    const result = libc.symbols.flock(descriptor, operation);
    libc.close();
    return result;
  }
  throw new StartupError("data_unreadable", "no C library found whose flock could be called");
}

function tryOpen(name: string) {
  try {
    return dlopen(name, { flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 } });
  } catch {
    // Another system: the next name may be the right one.
    return null;
  }
}
