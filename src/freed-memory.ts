/**
 * What becomes of memory that was freed. The runtime's allocator (mimalloc) gives it back to the
 * system at once, and a node that takes as much again for the next batch pays for each page anew:
 * one page fault for every write, between a tenth and a quarter of all that a write costs. A node
 * keeps it instead, which takes half as much memory again.
 */

/** After how many ms freed pages go back to the system; mimalloc's own variable. */
const PURGE_DELAY = "MIMALLOC_PURGE_DELAY";
const NEVER = "-1";

/**
 * Has this process keep what it frees. The allocator reads its settings when a process begins, so
 * this begins it anew: the same process id, arguments and streams. Whoever has set the variable has
 * chosen already, and after the second beginning it is set.
 */
export function keepFreedMemory(): void {
  const { argv, env, execArgv, execPath } = process;
  if (process.platform === "win32" || env[PURGE_DELAY] !== undefined) return;
  process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], {
    ...env,
    [PURGE_DELAY]: NEVER,
  });
}
