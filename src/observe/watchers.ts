/**
 * Those who follow what happens, as streams. Nothing is queued for a watcher: it has a place in
 * what is kept, takes what is behind it when it can, and is let go when its place is gone.
 */
import type { Clock } from "../actors/clock";
import { overloaded } from "../errors";

/** Watchers of a node at a time, of every kind. */
export const WATCHERS_MAX = 64;
/** A watcher hears something at least so often: a quiet node is no dead one. **Units**: ms. */
export const BEAT_MS = 5_000;

/** One thing to tell a watcher. */
export type Said =
  | { readonly kind: "event"; readonly event: string; readonly id?: number; readonly data: string }
  /** A sign of life. */
  | { readonly kind: "beat" }
  /** The last thing. */
  | { readonly kind: "end"; readonly code: "too_slow" | "shutting_down"; readonly says: string };

/** Where a watcher stands. */
export interface Place {
  /** What there is to tell now and was not told yet; empty for nothing. */
  take(): readonly Said[];
  /** What it has not taken is not kept any more: `take` would only tell the end. */
  readonly isLost: boolean;
}

export interface Subscription extends Place {
  /** Nobody listens any more. */
  cancel(): void;
}

interface Watcher {
  readonly onNews: () => void;
  isBeatDue: boolean;
  isEnding: boolean;
}

export class Watchers {
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  #beatTimer: unknown = null;
  #areNewsDue = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#watchers.size;
  }

  /** `onNews`: there may be something to take. Errors: `overloaded`. */
  add(place: Place, onNews: () => void): Subscription {
    if (this.#watchers.size >= WATCHERS_MAX) {
      throw overloaded(`${WATCHERS_MAX} watchers follow this node already`, null);
    }
    const watcher: Watcher = { onNews, isBeatDue: false, isEnding: false };
    this.#watchers.add(watcher);
    this.#beatTimer ??= this.#beatLater();
    return {
      get isLost() {
        return place.isLost;
      },
      take: () => takeFor(watcher, place),
      cancel: () => this.#remove(watcher),
    };
  }

  /** Something happened: watchers hear of it at the end of this turn of the loop. */
  tellSoon(): void {
    if (this.#areNewsDue || this.#watchers.size === 0) return;
    this.#areNewsDue = true;
    this.#clock.defer(() => {
      this.#areNewsDue = false;
      for (const { onNews } of this.#watchers) onNews();
    });
  }

  /** The node stops: everyone is told so. */
  end(): void {
    for (const watcher of [...this.#watchers]) {
      watcher.isEnding = true;
      watcher.onNews();
    }
  }

  #beatLater(): unknown {
    return this.#clock.setTimeout(() => {
      for (const watcher of this.#watchers) {
        watcher.isBeatDue = true;
        watcher.onNews();
      }
      this.#beatTimer = this.#watchers.size > 0 ? this.#beatLater() : null;
    }, BEAT_MS);
  }

  #remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#clock.clearTimeout(this.#beatTimer);
    this.#beatTimer = null;
  }
}

const goodbye: Said = {
  kind: "end",
  code: "shutting_down",
  says: "this node is shutting down; ask another",
};

/** Anything said is a sign of life. */
function takeFor(watcher: Watcher, place: Place): readonly Said[] {
  const said = place.take();
  const isBeatDue = watcher.isBeatDue && said.length === 0;
  watcher.isBeatDue = false;
  if (watcher.isEnding) return [...said, goodbye];
  return isBeatDue ? [{ kind: "beat" }] : said;
}
