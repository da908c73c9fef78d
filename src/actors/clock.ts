/** Time as the actors see it: real in production, virtual in the simulator. */
export interface Clock {
  /** Monotonic, in ms, from an arbitrary start. */
  nowMs(): number;
  /** Wall time in ms since the epoch. May jump; decides nothing about safety. */
  wallMs(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
  /** Runs `callback` once after the events that are waiting now: the next turn of the loop. */
  defer(callback: () => void): void;
}
