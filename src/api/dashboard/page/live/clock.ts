/** The page's own time, by which silence is noticed and what moves is drawn anew. */
import { batch, signal } from "@preact/signals";

export const TICK_MS = 500;

/** Monotonic, as of the last tick. **Units**: ms. */
export const nowMs = signal(performance.now());

/** The wall clock of this machine, as of the same tick. **Units**: ms since the epoch. */
export const wallMs = signal(Date.now());

/** Ticks until the returned function is called. */
export function startClock(): () => void {
  const tick = () =>
    batch(() => {
      nowMs.value = performance.now();
      wallMs.value = Date.now();
    });
  tick();
  const timer = setInterval(tick, TICK_MS);
  return () => clearInterval(timer);
}
