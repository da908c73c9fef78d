/** What a peer is put under, in words that every peer understands. */

/** How long a value is, unless it is what a scenario varies. Units: bytes. */
export const VALUE_BYTES = 256;

/** Which keys are touched. */
export type KeyChoice =
  /** Keys that nobody has touched before, in this run or another. */
  | { readonly kind: "new" }
  /** One of the keys that `Peer.fill` has set. */
  | { readonly kind: "present"; readonly count: number };

/** A closed loop of clients: each sends its next request when the one before was answered. */
export interface Load {
  readonly connections: number;
  readonly seconds: number;
  /** Of 100 requests so many are sets, the others gets. */
  readonly setPercent: number;
  readonly valueBytes: number;
  readonly keys: KeyChoice;
  /** Gets from the peer's own copy, without asking a majority. */
  readonly isStale: boolean;
  /** Which of the peer's nodes the clients are connected to. */
  readonly entrance: "leader" | "follower";
}

/** Sets of new keys through the leader; what else is wanted is named. */
export const setsOfNewKeys: Load = {
  connections: 64,
  seconds: 5,
  setPercent: 100,
  valueBytes: VALUE_BYTES,
  keys: { kind: "new" },
  isStale: false,
  entrance: "leader",
};

/** What the load generator saw. Requests that were refused or broken are not among `requests`. */
export interface LoadReport {
  readonly seconds: number;
  /** Answered with success. */
  readonly requests: number;
  /** Answered with a status of 400 or more. */
  readonly refused: number;
  /** Connections that failed, and answers that never came. */
  readonly broken: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Null where the generator does not tell. */
  readonly p999Ms: number | null;
  /** CPU that the generator itself took. */
  readonly clientCpuSeconds: number;
}
