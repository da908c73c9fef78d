/** Requests to another node on a client's behalf, and their answers. */
import { encodePeerMessage } from "../codec/messages";
import type { PeerAnswer, PeerRequest } from "../messages";
import type { Incarnation, NodeId } from "../types";
import type { Clock } from "./clock";
import type { Deadline, Deadlines } from "./deadlines";
import type { Transport } from "./transport";

/** How a request ended: with an answer, or without one once bytes had left. */
export type RequestEnd =
  | { readonly kind: "answered"; readonly answer: PeerAnswer }
  | { readonly kind: "linkLost" }
  | { readonly kind: "timedOut" };

interface Pending {
  readonly to: NodeId;
  readonly deadline: Deadline;
  readonly end: (end: RequestEnd) => void;
}

export interface PeerRequestsParts {
  readonly transport: Pick<Transport, "send">;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
}

/** More requests than one life ever makes, and few enough that ids stay exact. */
const REQUESTS_PER_LIFE = 2 ** 32;

export class PeerRequests {
  readonly #transport: Pick<Transport, "send">;
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #pending = new Map<number, Pending>();
  /**
   * An answer may come back after the one who asked has died and started again: ids differ between
   * lives, or it would be taken for the answer to another request.
   */
  #lastId: number;
  #isStopped = false;

  constructor(incarnation: Incarnation, parts: PeerRequestsParts) {
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#deadlines = parts.deadlines;
    this.#lastId = incarnation * REQUESTS_PER_LIFE;
  }

  /** False when nothing was sent: `end` is then never called. */
  send(
    to: NodeId,
    request: PeerRequest,
    options: { readonly timeoutMs: number; readonly end: (end: RequestEnd) => void },
  ): boolean {
    if (this.#isStopped) return false;
    const { timeoutMs, end } = options;
    const id = ++this.#lastId;
    const message = encodePeerMessage({ kind: "request", id, timeoutMs, request });
    if (!this.#transport.send(to, message)) return false;
    const deadline = this.#deadlines.add(this.#clock.nowMs() + timeoutMs, () =>
      this.#finish(id, { kind: "timedOut" }),
    );
    this.#pending.set(id, { to, deadline, end });
    return true;
  }

  onAnswer(from: NodeId, id: number, answer: PeerAnswer): void {
    if (this.#pending.get(id)?.to === from) this.#finish(id, { kind: "answered", answer });
  }

  /** The link that carried requests to the peer, or the one that its answers come on. */
  onLinkLost(peer: NodeId): void {
    for (const [id, pending] of this.#pending) {
      if (pending.to === peer) this.#finish(id, { kind: "linkLost" });
    }
  }

  /** Nobody will hear an answer any more: whoever waits for one is told so. */
  stop(): void {
    this.#isStopped = true;
    for (const id of this.#pending.keys()) this.#finish(id, { kind: "linkLost" });
  }

  #finish(id: number, end: RequestEnd): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    this.#deadlines.cancel(pending.deadline);
    pending.end(end);
  }
}
