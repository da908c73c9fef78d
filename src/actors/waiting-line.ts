/**
 * Those for whom a full room has no place yet, in the order they came. Clients that are told so at
 * once ask again at once, and some thousands of them keep a node busy with nothing but refusing:
 * here they cost it next to nothing, and most get a place after all. Nobody waits for long.
 */
import type { RequestError } from "../errors";
import type { Clock } from "./clock";
import type { Deadline, Deadlines } from "./deadlines";
import type { NodeLimits } from "./limits";

/** Hears once that there is a place, or why there is none. */
export type Call = (refusal: RequestError | null) => void;

export interface WaitingLineOptions {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly limits: Pick<NodeLimits, "lineWaitMsMax" | "lineMax">;
  /** What is told to those who wait in vain. */
  readonly refusal: RequestError;
  /** How many places of the room are free. */
  free(): number;
}

export class WaitingLine {
  readonly #options: WaitingLineOptions;
  readonly #standing = new Map<Call, Deadline>();
  #isCallDue = false;
  /** Told to everybody once the room is closed. */
  #farewell: RequestError | null = null;

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get length(): number {
    return this.#standing.size;
  }

  /** Calls `call` when its turn has come or its wait is over, which is not after `byMs`. */
  join(call: Call, byMs: number): void {
    const { clock, deadlines, limits, refusal } = this.#options;
    if (this.#farewell !== null || this.#standing.size >= limits.lineMax) {
      call(this.#farewell ?? refusal);
      return;
    }
    const dueMs = Math.min(clock.nowMs() + limits.lineWaitMsMax, byMs);
    this.#standing.set(
      call,
      deadlines.add(dueMs, () => this.#leave(call, refusal)),
    );
    this.callSoon();
  }

  /**
   * Calls as many as there are places, in the next turn of the loop: by then all who were called
   * in the turn before have taken theirs, for what they do in between waits for nothing. One who
   * does wait, for the rest of a body, finds the place taken perhaps and joins again. One who does
   * not come at all leaves the place to the next: so whoever called looks once more.
   */
  callSoon(): void {
    if (this.#isCallDue || this.#standing.size === 0) return;
    this.#isCallDue = true;
    this.#options.clock.defer(() => {
      this.#isCallDue = false;
      this.#callIn();
    });
  }

  /** Tells all that wait, and whoever comes later, why they wait in vain. */
  close(farewell: RequestError): void {
    this.#farewell = farewell;
    for (const call of this.#standing.keys()) this.#leave(call, farewell);
  }

  #callIn(): void {
    const places = this.#options.free();
    let called = 0;
    for (const call of this.#standing.keys()) {
      if (called >= places) break;
      called += 1;
      this.#leave(call, null);
    }
    if (called > 0) this.callSoon();
  }

  #leave(call: Call, refusal: RequestError | null): void {
    const deadline = this.#standing.get(call);
    if (deadline === undefined) return;
    this.#standing.delete(call);
    this.#options.deadlines.cancel(deadline);
    call(refusal);
  }
}
