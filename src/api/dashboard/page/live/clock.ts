/** The page's own time, by which silence is noticed and what moves is drawn anew. */
import { signal } from "@preact/signals";

export const TICK_MS = 500;

/** Monotonic, as of the last tick. **Units**: ms. */
export const nowMs = signal(performance.now());

/** Ticks until the returned function is called. */
export function startClock(): () => void {
  const tick = () => {
    nowMs.value = performance.now();
  };
  tick();
  const timer = setInterval(tick, TICK_MS);
  return () => clearInterval(timer);
}
