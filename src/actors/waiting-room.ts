/**
 * Where writes and reads wait for a leader. Whoever is let in is told one end: by those who decide
 * it, at its deadline, or when the node stops.
 */
import {
  noLeader,
  outcomeUnknown,
  overloaded,
  RequestError,
  shuttingDown,
  timedOut,
} from "../errors";
import type { NodeId } from "../types";
import { Anticipation } from "./anticipation";
import type { Clock } from "./clock";
import type { Deadline, Deadlines } from "./deadlines";
import type { NodeLimits } from "./limits";

/** Hears how it ended. */
export type Settle<Result> = (end: Result | RequestError) => void;

/** Someone who wants `Result` of this node. */
export interface Caller<Result> {
  /** Came over a link: the node it came from waits for a leader, we do not. */
  readonly isForwarded: boolean;
  readonly timeoutMs: number;
  /** Called once. */
  readonly settle: Settle<Result>;
}

/** Whether a leader did nothing of what it was asked, for another is to be asked. */
export const isForAnotherLeader = ({ code, facts }: Pick<RequestError, "code" | "facts">) =>
  (code === "no_leader" || code === "shutting_down") && facts.outcome === "not_applied";

/** What may be told of a wish that left without an answer: never that it was not applied. */
export function inDoubt<Result>(end: Result | RequestError): Result | RequestError {
  const isClaim = end instanceof RequestError && end.facts.outcome === "not_applied";
  return isClaim ? outcomeUnknown(end.facts.detail) : end;
}

/** What every waiting room of a node shares. */
export interface WaitingRoomParts {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly limits: NodeLimits;
  /** Where to go now: this node, another, or nowhere yet. */
  route(): "here" | NodeId | null;
  /** Why nobody leads, for people. */
  describeNoLeader(): string;
}

export interface WaitingRoomOptions<Guest, Result> {
  readonly parts: WaitingRoomParts;
  /** What is counted here, for people. */
  readonly noun: "writes" | "reads" | "changes of membership";
  /** Callers that nobody has told an end yet, before new ones are told `overloaded`. */
  readonly guestsMax: number;
  /** What has become of the wish of one who never got further than this room. */
  readonly outcome: "not_applied" | null;
  /** Sends on whom it can of those who wait. Called when it is worth trying. */
  flush(): void;
  /** What to tell one whose time is up. */
  lapse(guest: Guest): RequestError;
  /** Tells a guest its end; it has left the room. */
  tell(guest: Guest, end: Result | RequestError): void;
}

export class WaitingRoom<Guest extends Caller<Result>, Result> {
  readonly #options: WaitingRoomOptions<Guest, Result>;
  /** Everyone who has not been told an end, wherever their wish is by now. */
  readonly #guests = new Map<Guest, Deadline>();
  /** Those of them whose wish has not been sent on, or came back. */
  #waiting = new Set<Guest>();
  readonly #anticipation: Anticipation;
  /** One for all: made by the thousand, errors cost what their traces of the stack do. */
  readonly overloaded: RequestError;
  #isFlushDue = false;
  #retryTimer: unknown = null;
  #isClosed = false;

  constructor(options: WaitingRoomOptions<Guest, Result>) {
    this.#options = options;
    const { guestsMax, noun, outcome, parts } = options;
    const { clock, limits } = parts;
    this.overloaded = overloaded(`${guestsMax} ${noun} are under way on this node`, outcome);
    this.#anticipation = new Anticipation({
      clock,
      waitMsMax: limits.anticipateMsMax,
      onInVain: () => this.flushSoon(),
    });
  }

  /** Guests who have not been told an end. */
  get size(): number {
    return this.#guests.size;
  }
  /** How many more may come now; none once it is closed. */
  get free(): number {
    return this.#isClosed ? 0 : this.#options.guestsMax - this.#guests.size;
  }
  get waiting(): ReadonlySet<Guest> {
    return this.#waiting;
  }

  /** Lets `guest` in, or tells it why not. */
  admit(guest: Guest): void {
    const { lapse, outcome, parts } = this.#options;
    if (this.free <= 0) {
      guest.settle(this.#isClosed ? shuttingDown(outcome) : this.overloaded);
      return;
    }
    const dueMs = parts.clock.nowMs() + guest.timeoutMs;
    const deadline = parts.deadlines.add(dueMs, () => this.settle(guest, lapse(guest)));
    this.#guests.set(guest, deadline);
    this.#waiting.add(guest);
    this.flushSoon();
  }

  /** Whether those who wait had better go now; if not, they are flushed in a moment. */
  get isWorthAFlush(): boolean {
    return this.#anticipation.isEnough(this.#guests.size);
  }

  /** Its wish has been sent on. */
  sendOn(guest: Guest): void {
    this.#waiting.delete(guest);
  }

  /** All who wait, whose wishes are sent on together. */
  sendOnAll(): Set<Guest> {
    const all = this.#waiting;
    this.#waiting = new Set();
    return all;
  }

  /** Its wish came back undecided: it waits again, as long as it still has time. */
  waitAgain(guest: Guest): void {
    if (this.#guests.has(guest)) this.#waiting.add(guest);
  }

  /** The same, and it is sent on anew a little later. */
  tryAgain(guest: Guest): void {
    this.waitAgain(guest);
    this.retryLater();
  }

  /** Ends it for `guest`, unless it has been told an end before. */
  settle(guest: Guest, end: Result | RequestError): void {
    const deadline = this.#guests.get(guest);
    if (!deadline) return;
    this.#guests.delete(guest);
    this.#waiting.delete(guest);
    this.#options.parts.deadlines.cancel(deadline);
    this.#options.tell(guest, end);
  }

  /** Whoever was sent here by another node had better ask again there. */
  sendBackForwarded(why: string): void {
    for (const guest of this.#waiting) {
      if (guest.isForwarded) this.settle(guest, noLeader(why, this.#options.outcome));
    }
  }

  /** For one who waited here to the last: nobody leads, or else `why`. */
  inVain(why: string): RequestError {
    const { outcome, parts } = this.#options;
    return parts.route() === null
      ? noLeader(parts.describeNoLeader(), outcome)
      : timedOut(why, outcome);
  }

  /** At the end of this turn of the loop, with all who come until then. */
  flushSoon(): void {
    if (this.#isFlushDue || this.#waiting.size === 0) return;
    this.#isFlushDue = true;
    this.#options.parts.clock.defer(() => {
      this.#isFlushDue = false;
      if (this.#waiting.size > 0) this.#options.flush();
    });
  }

  retryLater(): void {
    if (this.#retryTimer !== null || this.#isClosed) return;
    const { clock, limits } = this.#options.parts;
    this.#retryTimer = clock.setTimeout(() => {
      this.#retryTimer = null;
      this.flushSoon();
    }, limits.retryDelayMs);
  }

  /** Lets nobody in any more, and tells everyone what `why` makes of them. */
  close(why: (guest: Guest) => RequestError): void {
    this.#isClosed = true;
    this.#anticipation.stop();
    this.#options.parts.clock.clearTimeout(this.#retryTimer);
    for (const guest of this.#guests.keys()) this.settle(guest, why(guest));
  }
}
