/**
 * What becomes of memory that was freed. The runtime's allocator (mimalloc) gives freed pages back
 * to the system at once, and ten times a second walks through all that is free within the others to
 * give of that too. A node that takes as much again for the next batch pays for each page anew: one
 * page fault for every write, and some milliseconds of standing still for every walk. A node keeps
 * it instead, which takes half as much memory again.
 */

/** After how many ms freed pages go back to the system; mimalloc's own variable. */
const PURGE_DELAY = "MIMALLOC_PURGE_DELAY";
const NEVER = "-1";
/** Whether what is free within a page goes back too; a variable of the runtime's own mimalloc. */
const PURGE_HOLES = "MIMALLOC_PURGE_HOLES";
const NO = "0";

/**
 * Has this process keep what it frees. The allocator reads its settings when a process begins, so
 * this begins it anew: the same process id, arguments and streams. Whoever has set the delay has
 * chosen already, and after the second beginning it is set.
 */
export function keepFreedMemory(): void {
  const { argv, env, execArgv, execPath } = process;
  if (process.platform === "win32" || env[PURGE_DELAY] !== undefined) return;
  try {
    process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], {
      [PURGE_HOLES]: NO,
      ...env,
      [PURGE_DELAY]: NEVER,
    });
  } catch {
    // A sandbox may forbid it: writes are dearer then, and that is no reason not to serve.
  }
}
