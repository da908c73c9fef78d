/** A question whose answer takes virtual time. */
import type { SimulatedCluster } from "./cluster";

/** The process that was asked was dead, or died before it could answer. */
export class NobodyAnswersError extends Error {
  override readonly name = "NobodyAnswersError";
}

/** How long `wait` lets time go on before it gives up. Units: ms. */
const PATIENCE_MS = 60_000;

/**
 * Asked of one node. Look at it (`isAnswered`), let time pass until it is answered (`wait`), or
 * await `promise` and let time pass elsewhere.
 */
export class Asked<Answer> {
  readonly promise: Promise<Answer>;
  readonly #cluster: SimulatedCluster;
  #end: { readonly answer: Answer } | { readonly error: Error } | null = null;

  constructor(cluster: SimulatedCluster, ask: (settle: (end: Answer | Error) => void) => void) {
    this.#cluster = cluster;
    this.promise = new Promise((resolve, reject) => {
      ask((end) => {
        this.#end = end instanceof Error ? { error: end } : { answer: end };
        if (end instanceof Error) reject(end);
        else resolve(end);
      });
    });
    // Whoever looks or waits learns of a failure there: it is no unhandled one.
    this.promise.catch(() => {});
  }

  get isAnswered(): boolean {
    return this.#end !== null;
  }

  /** Why it failed; null while it has not. */
  get error(): Error | null {
    return this.#end !== null && "error" in this.#end ? this.#end.error : null;
  }

  /** Lets virtual time pass until there is an answer. Errors: what the node answered instead. */
  wait(): Answer {
    this.#cluster.runUntil(() => this.#end !== null, PATIENCE_MS);
    if (this.#end === null) throw new Error(`no answer within ${PATIENCE_MS} ms of virtual time`);
    if ("error" in this.#end) throw this.#end.error;
    return this.#end.answer;
  }
}
