/** What a client and its calls are told. */
import type { CallOptions } from "./call";
import type { Surroundings } from "./surroundings";

export interface ClientOptions {
  /**
   * `host:port`, or `http(s)://host:port`, of nodes of one cluster: asked in this order, each as
   * long as it answers.
   */
  readonly endpoints: readonly string[];
  /** How long a call may take, all its tries together. 10 s where absent. Units: ms. */
  readonly timeoutMs?: number;
  /** How long one endpoint is waited for before another is asked. 2 s where absent. Units: ms. */
  readonly tryTimeoutMs?: number;
  /** Network, time and chance; those of the runtime where absent. */
  readonly surroundings?: Partial<Surroundings>;
}

export interface WriteOptions extends CallOptions {
  /** Only if the key still has this `mod_revision`; 0: only if it is absent. */
  readonly ifRevision?: number;
  /**
   * 1 to 128 printable ASCII characters; drawn where absent. With that of an earlier write, from
   * `error.facts`, this is the same write once more: it happens once, and its outcome is told.
   */
  readonly idempotencyKey?: string;
}

export interface ListOptions extends CallOptions {
  /** Only keys that begin so. */
  readonly prefix?: string;
  readonly keysOnly?: boolean;
  /** `stale` asks whichever node answers for its own copy. */
  readonly consistency?: "linearizable" | "stale";
  /** Items a page, up to 1,000. */
  readonly limit?: number;
}

export interface LogOptions extends CallOptions {
  /** The first index wanted; the first there is where absent. */
  readonly from?: number;
  /** Up to 1,000; 100 where absent. */
  readonly limit?: number;
}
