/**
 * Looks at the node now and then, and remembers what one look cannot show: since when something has
 * not moved, and whether time itself stood still or jumped.
 */
import type { Clock } from "../actors/clock";
import type { Situation } from "../actors/situation";
import type { NodeId } from "../types";

/** Between two looks. **Units**: ms. */
export const PULSE_MS = 500;
/** A look that comes so much too late was held up: the process was stopped, or starved. */
export const STALL_MS_MIN = 1_000;
/** A wall clock that went so much faster or slower than time was set. */
export const WALL_JUMP_MS_MIN = 1_000;

/** A time that this node did not live through, or a wall clock that was set. **Units**: ms. */
export interface ClockTrouble {
  readonly kind: "stood still" | "was set";
  /** How long it stood still; by how much it was set, negative for back. */
  readonly byMs: number;
  /** When it was noticed. */
  readonly atMs: number;
}

interface Mark {
  readonly value: number;
  readonly sinceMs: number;
}

/** What may stand still while something is owed. */
export type Progress = "durable" | "commit" | `match/${number}`;

export interface PulseOptions {
  readonly clock: Clock;
  look(): Situation;
}

export class Pulse {
  readonly #options: PulseOptions;
  readonly #marks = new Map<Progress, Mark>();
  #timer: unknown = null;
  #last: { readonly nowMs: number; readonly wallMs: number } | null = null;
  #trouble: ClockTrouble | null = null;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  get clockTrouble(): ClockTrouble | null {
    return this.#trouble;
  }

  start(): void {
    this.beat();
    this.#timer = this.#options.clock.setTimeout(() => this.start(), PULSE_MS);
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
  }

  /** How long it has not moved, as far as was looked. **Units**: ms. */
  standstillMs(what: Progress, nowMs: number): number {
    const mark = this.#marks.get(what);
    return mark === undefined ? 0 : nowMs - mark.sinceMs;
  }

  beat(): void {
    const situation = this.#options.look();
    this.#noteTime(situation);
    const { context, disk, nowMs } = situation;
    this.#note("durable", disk.durableIndex, { nowMs, isOwed: disk.durableIndex < disk.lastIndex });
    const { commitIndex, leadership, log } = context;
    const isCommitOwed = leadership !== null && commitIndex < log.lastIndex;
    this.#note("commit", commitIndex, { nowMs, isOwed: isCommitOwed });
    for (const { id } of situation.peers) this.#noteMatch(id, situation);
  }

  #noteMatch(peer: NodeId, { context, nowMs }: Situation): void {
    const match = context.leadership?.matchIndex.get(peer) ?? 0;
    const isOwed = context.leadership !== null && match < context.log.lastIndex;
    this.#note(`match/${peer}`, match, { nowMs, isOwed });
  }

  /** Only what is owed can stand still. */
  #note(what: Progress, value: number, now: { nowMs: number; isOwed: boolean }): void {
    const mark = this.#marks.get(what);
    if (!now.isOwed) this.#marks.delete(what);
    else if (mark?.value !== value) this.#marks.set(what, { value, sinceMs: now.nowMs });
  }

  #noteTime({ nowMs, wallMs }: Situation): void {
    const last = this.#last;
    this.#last = { nowMs, wallMs };
    if (last === null) return;
    const passedMs = nowMs - last.nowMs;
    const lateMs = passedMs - PULSE_MS;
    const setMs = wallMs - last.wallMs - passedMs;
    if (lateMs >= STALL_MS_MIN) this.#trouble = { kind: "stood still", byMs: lateMs, atMs: nowMs };
    else if (Math.abs(setMs) >= WALL_JUMP_MS_MIN) {
      this.#trouble = { kind: "was set", byMs: setMs, atMs: nowMs };
    }
  }
}
