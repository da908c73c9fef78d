/** The real clock. */
import type { Clock } from "../clock";

/** The longest wait a runtime's timer can hold. Units: ms. */
const timerMsMax = 2 ** 31 - 1;

/** A timer that is armed anew until its time has really come. */
interface Timer {
  handle: ReturnType<typeof setTimeout>;
}

export const bunClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimeout(callback, delayMs): Timer {
    const dueMs = performance.now() + delayMs;
    const arm = () => {
      const remainingMs = Math.max(0, dueMs - performance.now());
      return setTimeout(fire, Math.min(Math.ceil(remainingMs), timerMsMax));
    };
    // The runtime's timers may fire a little early; an election timeout must not.
    const fire = () => {
      if (performance.now() >= dueMs) callback();
      else timer.handle = arm();
    };
    const timer: Timer = { handle: arm() };
    return timer;
  },
  clearTimeout(timer) {
    clearTimeout((timer as Timer | undefined)?.handle);
  },
  defer: (callback) => {
    setImmediate(callback);
  },
};
