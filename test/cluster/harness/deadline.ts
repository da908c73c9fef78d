/** Waiting for something real: polled, with an end. */

const POLL_INTERVAL_MS = 20;

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Asks `probe` until it answers something other than null, and returns that.
 * Errors: says `what` was awaited and the last error, once `timeoutMs` have passed.
 */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | null> | T | null,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  let lastError: unknown = null;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== null) return answer;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > endMs) {
      const why = lastError === null ? "" : `: ${lastError}`;
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${why}`);
    }
    await pause(POLL_INTERVAL_MS);
  }
}

/** `promise`, or null when it takes longer than `timeoutMs`. */
export async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expiry = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
