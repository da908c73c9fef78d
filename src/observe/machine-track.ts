/** Follows one machine, and tells where it has come into another state. */
import type { Cause } from "../actors/machine-watch";
import { isSameValue, pathOf, type StateValue } from "./state-path";
import type { Transition } from "./transition";

/** A machine as it is after a step. */
export interface Look<Context> {
  readonly value: StateValue;
  readonly context: Context;
}

/** A step into another state. */
export interface Moved<Context, Event> {
  /** The state that was last told of; null for a machine that has just come. */
  readonly from: string | null;
  readonly to: string;
  readonly cause: Cause<Event>;
  /** As the step before left it; null for a machine that has just come. */
  readonly before: Context | null;
  readonly after: Context;
  /** How long it was in `from`. **Units**: ms. */
  readonly heldMs: number;
}

export type Facts = Readonly<Record<string, unknown>>;

/** How one kind of machine is spoken of. All pure. */
export interface Words<Context, Event> {
  /** As the chart names the trigger of the transition taken. */
  event(moved: Moved<Context, Event>): string;
  /** In Raft's words, and one sentence without a full stop. */
  reason(moved: Moved<Context, Event>): string;
  /** The place in the log that it is about. */
  index(context: Context): number | null;
  /** The small part of the context that is shown. */
  facts(context: Context): Facts;
  /** The state as it is told, where that is coarser than the chart's. */
  told?(path: string): string;
  /** Whether anybody wants to know. `told` is the context that was last told of. */
  isNews?(moved: Moved<Context, Event>, told: Context): boolean;
}

/** What a track says of a transition; the recorder adds the rest. */
export type Told = Pick<Transition, "machine" | "from" | "event" | "to" | "index" | "reason">;

export interface TrackOptions<Context, Event> {
  readonly machine: string;
  /** The chart it is a run of; null for what has none. */
  readonly chart: string | null;
  readonly words: Words<Context, Event>;
  nowMs(): number;
  record(told: Told): Transition;
}

export class MachineTrack<Context, Event> {
  readonly #options: TrackOptions<Context, Event>;
  #look: Look<Context> | null = null;
  /** Of the state it is in. */
  #path = "";
  #sinceMs = 0;
  /** The last transition that was told, and the context it left. */
  #last: { readonly transition: Transition; readonly context: Context } | null = null;

  constructor(options: TrackOptions<Context, Event>) {
    this.#options = options;
  }

  get look(): Look<Context> | null {
    return this.#look;
  }
  get path(): string {
    return this.#path;
  }
  /** How long it has been in its state. **Units**: ms. */
  get inStateMs(): number {
    return this.#options.nowMs() - this.#sinceMs;
  }

  /** The transition, where the step led into another state that is worth telling. */
  see(look: Look<Context>, cause: Cause<Event>): Transition | null {
    const before = this.#look;
    this.#look = look;
    if (before !== null && isSameValue(before.value, look.value)) return null;
    return this.#arrive(before?.context ?? null, look, cause);
  }

  /** The same, for a machine that may have changed within its state. */
  seeAnew(look: Look<Context>, cause: Cause<Event>): Transition | null {
    const before = this.#look;
    this.#look = look;
    return this.#tell(this.#enter(before?.context ?? null, look, cause));
  }

  /** The machine is gone. */
  end(event: string, reason: string): void {
    const from = this.#last?.transition.to ?? null;
    const { machine, record, words } = this.#options;
    const index = this.#look === null ? null : words.index(this.#look.context);
    if (from !== null) record({ machine, from, event, to: null, index, reason });
  }

  describe(): Facts {
    const { chart, machine, words } = this.#options;
    const transition = this.#last?.transition;
    return {
      machine,
      chart,
      state: this.#path,
      in_state_ms: Math.round(this.inStateMs),
      seq: transition?.to === this.#path ? transition.seq : null,
      context: this.#look === null ? {} : words.facts(this.#look.context),
    };
  }

  #arrive(before: Context | null, look: Look<Context>, cause: Cause<Event>): Transition | null {
    const path = this.#options.words.told?.(pathOf(look.value)) ?? pathOf(look.value);
    // A step within what is told as one state.
    if (path === this.#path) return null;
    const moved = this.#enter(before, look, cause);
    const told = this.#last?.context;
    const isNews = this.#options.words.isNews;
    return told !== undefined && isNews?.(moved, told) === false ? null : this.#tell(moved);
  }

  #enter(before: Context | null, look: Look<Context>, cause: Cause<Event>): Moved<Context, Event> {
    const { nowMs, words } = this.#options;
    const path = pathOf(look.value);
    const to = words.told?.(path) ?? path;
    const from = this.#last?.transition.to ?? null;
    const heldMs = this.#look === null ? 0 : nowMs() - this.#sinceMs;
    this.#path = to;
    this.#sinceMs = nowMs();
    return { from, to, cause, before, after: look.context, heldMs };
  }

  #tell(moved: Moved<Context, Event>): Transition {
    const { machine, record, words } = this.#options;
    const { after, from, to } = moved;
    const event = words.event(moved);
    const index = words.index(after);
    const transition = record({ machine, from, event, to, index, reason: words.reason(moved) });
    this.#last = { transition, context: after };
    return transition;
  }
}
