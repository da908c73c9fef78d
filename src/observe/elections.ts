/** Why there was an election the last time, as far as this node could see it. */
import type { RaftContext } from "../machines/raft/vocabulary";
import type { NodeId, Term } from "../types";
import type { Transition } from "./transition";

/** A leader that this node has come to know. */
export interface Election {
  readonly term: Term;
  readonly leaderId: NodeId;
  /** One sentence: who leads, and why there had to be an election. */
  readonly says: string;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface ElectionTimes {
  nowMs(): number;
  wallMs(): number;
}

export class Elections {
  readonly #times: ElectionTimes;
  #leaderId: NodeId | null = null;
  #term = 0;
  /** What went wrong here since the last leader was known. */
  #trouble: string | null = null;
  #last: Election | null = null;

  constructor(times: ElectionTimes) {
    this.#times = times;
  }

  get last(): Election | null {
    return this.#last;
  }

  /** After each step; `moved` where it led into another state. */
  see(context: RaftContext, moved: Transition | null): void {
    const { currentTerm, id, leaderId } = context;
    const isLed = moved?.to === "follower.leased" || leaderId === id;
    // The first of a row is the cause; what follows it is the way to the next leader.
    if (moved !== null && moved.from !== null && !isLed) this.#trouble ??= moved.reason;
    if (leaderId !== this.#leaderId || currentTerm !== this.#term) this.#note(context, moved);
    // Led again, by whomever: what went wrong before is no reason for what comes.
    if (moved !== null && isLed) this.#trouble = null;
  }

  #note(context: RaftContext, moved: Transition | null): void {
    const { currentTerm, leaderId } = context;
    this.#leaderId = leaderId;
    this.#term = currentTerm;
    if (leaderId === null || this.#last?.term === currentTerm) return;
    this.#last = {
      term: currentTerm,
      leaderId,
      says: this.#tell(context, leaderId, moved),
      monotonicMs: Math.round(this.#times.nowMs()),
      wallMs: this.#times.wallMs(),
    };
  }

  #tell({ currentTerm, id }: RaftContext, leaderId: NodeId, moved: Transition | null): string {
    const how =
      leaderId === id
        ? `this node ${moved?.reason ?? `leads term ${currentTerm}`}`
        : `node ${leaderId} leads term ${currentTerm}`;
    return this.#trouble === null
      ? `${how}; this node had no part in the election`
      : `${how}, because ${because(this.#trouble)}`;
  }
}

/** A reason speaks of the node that it happened to. */
const because = (reason: string): string =>
  /^(heard|won|voted|hands|higher|its) /.test(reason) ? `this node ${reason}` : reason;
