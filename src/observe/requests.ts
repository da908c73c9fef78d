/** Counts what clients ask of this node over HTTP, for rates and latencies. */
import { Latencies } from "./latencies";

export class RequestTally {
  readonly latencies = new Latencies();
  #total = 0;
  #failed = 0;

  /** Requests that were answered. */
  get total(): number {
    return this.#total;
  }
  /** Those of them that the node could not do, for the moment or at all. */
  get failed(): number {
    return this.#failed;
  }

  observe(answered: { readonly status: number; readonly seconds: number }): void {
    this.#total += 1;
    if (answered.status >= FAILED_STATUS_MIN) this.#failed += 1;
    this.latencies.add(answered.seconds);
  }
}

/** 429, and all of 5xx; what lies below is an answer, or the client's own mistake. */
const FAILED_STATUS_MIN = 429;

export interface RequestTallies {
  readonly reads: RequestTally;
  readonly writes: RequestTally;
}

export const requestTallies = (): RequestTallies => ({
  reads: new RequestTally(),
  writes: new RequestTally(),
});
