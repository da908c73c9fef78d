/**
 * Notices when the whole machine stood still: a virtual one that is paused for a while makes every
 * figure of that time worthless, and has clusters elect that had no reason to.
 */

const LOOK_EVERY_MS = 100;

/** What came of some work, and the longest time in it in which this process was not run. */
export interface Watched<Result> {
  readonly outcome: PromiseSettledResult<Result>;
  readonly longestPauseMs: number;
}

export async function watched<Result>(work: () => Promise<Result>): Promise<Watched<Result>> {
  let seenMs = performance.now();
  let longestPauseMs = 0;
  const look = () => {
    const nowMs = performance.now();
    longestPauseMs = Math.max(longestPauseMs, nowMs - seenMs - LOOK_EVERY_MS);
    seenMs = nowMs;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  const [outcome] = await Promise.allSettled([work()]);
  clearInterval(timer);
  look();
  return { outcome, longestPauseMs };
}

/** A process that waits for its turn longer than this was not merely busy. Units: ms. */
export const STANDSTILL_MS = 1_500;
const TRIES_MAX = 4;

/**
 * Does the work again when the machine stood still meanwhile. Errors: those of the work; it stood
 * still every time.
 */
export async function undisturbed<Result>(
  work: () => Promise<Result>,
  { say, watch = watched }: { readonly say: (line: string) => void; watch?: typeof watched },
): Promise<Result> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const { longestPauseMs, outcome } = await watch(work);
    if (longestPauseMs < STANDSTILL_MS) {
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    }
    say(`the machine stood still for ${Math.round(longestPauseMs)} ms: once more`);
  }
  throw new Error(`the machine stood still ${TRIES_MAX} times`);
}
