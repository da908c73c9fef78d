/** What a scenario knows of a peer: how to start it, load it, look at it, and end it. */
import type { Load, LoadReport } from "../load/load";
import type { PeerName } from "../measurement";
import type { Usage } from "./usage";

/** How a peer is to be started. */
export interface PeerOptions {
  /** For data and logs; on the same disk for every peer. */
  readonly folder: string;
  /** More flags for its nodes. */
  readonly flags?: readonly string[];
  /** Another main of Balsa, as a path in the repository. */
  readonly entry?: string;
}

/** With the CPU that all processes of the peer took meanwhile. */
export type DrivenReport = LoadReport & { readonly cpuSeconds: number };

export interface Peer {
  readonly name: PeerName;
  /** Starts it on fresh data; done when a write has succeeded. */
  start(): Promise<void>;
  /** Ends every process; data and logs go with the folder. */
  stop(): Promise<void>;
  /** Puts the peer under a load until its time is up. */
  drive(load: Load): Promise<DrivenReport>;
  /** Sets `count` keys, which loads on present keys then touch. */
  fill(count: number, valueBytes: number): Promise<void>;
  /** Of all its processes. */
  usage(): Usage;
  /** How many elections there have been; 0 for a peer that has none. */
  term(): Promise<number>;
}
