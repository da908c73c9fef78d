/** What a client needs of the world: the network, time and chance. Tests bring their own. */

/** The part of `fetch` that is used: one request, one answer, no retries of its own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Timers {
  /** Monotonic, in ms, from an arbitrary start. */
  nowMs(): number;
  /** Wall time in ms since the epoch. */
  wallMs(): number;
  /** Runs `callback` once after `delayMs`; the function returned takes that back. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface Surroundings extends Timers {
  readonly fetch: Fetch;
  /** From 0 up to, but not including, 1. */
  random(): number;
  /** A name that no other write of any client bears. */
  drawIdempotencyKey(): string;
}

/** Bun, Node and browsers alike. */
export const realSurroundings: Surroundings = {
  fetch: (url, init) => fetch(url, init),
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  drawIdempotencyKey: () => crypto.randomUUID(),
};

/** Resolves after `delayMs`, or at once when `signal` is aborted. */
export function pause(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const end = () => {
      takeBack();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const takeBack = timers.after(delayMs, end);
    signal?.addEventListener("abort", end);
  });
}
