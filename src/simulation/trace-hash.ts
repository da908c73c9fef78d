/** Everything that happened in one number: two runs with the same hash were the same run. */
import { crc32 } from "../codec/crc32";
import type { SimulatedCluster } from "./cluster";
import type { ClusterObserver } from "./observer";

export class TraceHash {
  #hash = 0;

  /** Watches from the next event on. */
  constructor(cluster: SimulatedCluster) {
    const { clock } = cluster;
    const observer: ClusterObserver = {
      onSent: (_, { bytes, from, to }) => this.#mix(from * 8 + to, crc32(bytes)),
      onBooted: ({ id, witness }) => this.#mix(id, witness.lastIndex),
      onEnded: ({ id, witness }) => this.#mix(id, witness.durableIndex),
      onChanged: ({ id }, { commitIndex, currentTerm }) => this.#mix(id + commitIndex, currentTerm),
      onEvent: () => this.#mix(clock.fired, Math.round(clock.nowMs * 1000)),
    };
    cluster.observe(observer);
  }

  /** Of everything so far: eight hexadecimal digits. */
  get value(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  #mix(a: number, b: number): void {
    const mixed = Math.imul(this.#hash ^ a, 0x9e3779b1) ^ (this.#hash >>> 15);
    this.#hash = Math.imul(mixed ^ b, 0x85ebca6b) ^ (mixed >>> 13);
  }
}
