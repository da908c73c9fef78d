/** A watcher's place among a node's transitions. */
import { compacted } from "../errors";
import { type Transition, transitionJson } from "./transition";
import type { TransitionRing } from "./transition-ring";
import type { Place, Said } from "./watchers";

/** Told at a time. */
const BATCH_MAX = 64;

export interface Wanted {
  /** A machine's name, or its kind; null for all. */
  readonly machine: string | null;
  /** The first number wanted; null for the oldest that is kept. */
  readonly from: number | null;
}

/** `replicator` wants every replicator, `replicator/2` one. */
export const isOfMachine =
  (wanted: string | null) =>
  ({ machine }: Transition): boolean =>
    wanted === null || machine === wanted || machine.startsWith(`${wanted}/`);

/** The first number to show. Errors: `compacted` for one that is not kept any more. */
export function firstOf({ from }: Wanted, ring: TransitionRing): number {
  if (from === null) return ring.firstSeq;
  if (from >= ring.firstSeq) return from;
  throw compacted(`the transitions of this node are kept from number ${ring.firstSeq} on`);
}

export class TransitionPlace implements Place {
  readonly #ring: TransitionRing;
  readonly #isWanted: (transition: Transition) => boolean;
  #next: number;
  /** Told before all else. */
  #gap: Said | null = null;

  /** Errors: `compacted`. */
  constructor(ring: TransitionRing, wanted: Wanted) {
    this.#ring = ring;
    this.#isWanted = isOfMachine(wanted.machine);
    this.#next = firstOf(wanted, ring);
  }

  /**
   * Goes on behind the number that was heard last. One that comes from another life, or too late,
   * is told what it has missed, and begins with the oldest that is kept: a browser that resumes
   * could make nothing of a refusal.
   */
  resumeBehind(heard: number): void {
    const { firstSeq, lastSeq } = this.#ring;
    this.#next = heard + 1;
    if (this.#next >= firstSeq && heard <= lastSeq) return;
    const data = JSON.stringify({ from: this.#next, first_seq: firstSeq });
    this.#gap = { kind: "event", event: "gap", data };
    this.#next = firstSeq;
  }

  get isLost(): boolean {
    return this.#next < this.#ring.firstSeq;
  }

  take(): readonly Said[] {
    if (this.isLost) return [this.#tooSlow()];
    const gap = this.#gap === null ? [] : [this.#gap];
    this.#gap = null;
    const transitions = this.#ring.from(this.#next, BATCH_MAX, this.#isWanted);
    const last = transitions.at(-1)?.seq ?? this.#ring.lastSeq;
    this.#next =
      transitions.length === BATCH_MAX ? last + 1 : Math.max(this.#next, this.#ring.lastSeq + 1);
    return [...gap, ...transitions.map(tell)];
  }

  #tooSlow(): Said {
    const says =
      `transitions from number ${this.#next} on were not taken in time: the node keeps them from ` +
      `${this.#ring.firstSeq} on`;
    return { kind: "end", code: "too_slow", says };
  }
}

const tell = (transition: Transition): Said => ({
  kind: "event",
  event: "transition",
  id: transition.seq,
  data: transitionJson(transition),
});
