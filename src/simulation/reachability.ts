/** Who reaches whom: a cut direction carries nothing, a clogged one only gathers. */
import type { NodeId } from "../types";
import type { VirtualClock } from "./virtual-clock";

/** The clock's. Units: ms. */
const TICK_MS = 0.001;

export class Reachability {
  /** Directions that carry nothing, as `from * 1000 + to`. */
  readonly #cut = new Set<number>();
  /** When clogged directions flow again. Units: ms. */
  readonly #cloggedUntil = new Map<number, number>();

  constructor(readonly clock: VirtualClock) {}

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#cut.has(directionOf(from, to));
  }

  /** Cuts the direction `from → to`: nothing arrives any more, nobody is told. */
  cut(from: NodeId, to: NodeId): void {
    this.#cut.add(directionOf(from, to));
  }

  /** Opens every direction again, clogged ones too. */
  heal(): void {
    this.#cut.clear();
    this.#cloggedUntil.clear();
  }

  healBetween(a: NodeId, b: NodeId): void {
    this.#cut.delete(directionOf(a, b));
    this.#cut.delete(directionOf(b, a));
  }

  /** Cuts both directions between every pair that is not in one group. */
  partition(groups: readonly (readonly NodeId[])[]): void {
    this.heal();
    const all = groups.flat();
    for (const a of all) {
      for (const b of all) {
        const isTogether = groups.some((group) => group.includes(a) && group.includes(b));
        if (a !== b && !isTogether) this.cut(a, b);
      }
    }
  }

  /** For a while the direction `from → to` only gathers what is sent. */
  clog(from: NodeId, to: NodeId, ms: number): void {
    this.#cloggedUntil.set(directionOf(from, to), this.clock.nowMs + ms);
  }

  /** How much longer it only gathers. Units: ms, whole ticks of the clock; 0 where it flows. */
  clogMs(from: NodeId, to: NodeId): number {
    const leftMs = (this.#cloggedUntil.get(directionOf(from, to)) ?? 0) - this.clock.nowMs;
    // Less than a tick is an error of arithmetic: whoever waited for it would wait for ever.
    return Math.max(0, Math.round(leftMs / TICK_MS) * TICK_MS);
  }
}

const directionOf = (from: NodeId, to: NodeId): number => from * 1000 + to;
