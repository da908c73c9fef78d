/** An operator's wish that another lead, on its way to the leader and to its end. */
import { membershipConflict, notFound, RequestError, shuttingDown } from "../errors";
import type { Configuration, NodeId } from "../types";
import { membersOf } from "../types";
import type { PeerRequests, RequestEnd } from "./peer-requests";
import { type Caller, WaitingRoom, type WaitingRoomParts } from "./waiting-room";

export interface TransferRequest extends Caller<NodeId> {
  /** null for the best voter there is. */
  readonly to: NodeId | null;
}

interface Wish extends TransferRequest {
  readonly dueMs: number;
}

export interface TransfersOptions extends WaitingRoomParts {
  readonly id: NodeId;
  readonly requests: PeerRequests;
  /** A transfer that has not succeeded after so long is given up by the chart. Units: ms. */
  readonly electionTimeoutMs: number;
  configuration(): Configuration;
  /** Steps the machine; false when it found nobody to hand over to. */
  begin(to: NodeId | null): boolean;
}

export class Transfers {
  readonly #options: TransfersOptions;
  readonly #room: WaitingRoom<Wish, NodeId>;
  /** The one that this leader is carrying out. */
  readonly #underWay = new Set<Wish>();

  constructor(options: TransfersOptions) {
    this.#options = options;
    this.#room = new WaitingRoom({
      parts: options,
      noun: "changes of membership",
      guestsMax: options.limits.changesMax,
      outcome: "not_applied",
      flush: () => this.#flush(),
      lapse: () => this.#room.inVain("no leader handed over within the timeout"),
      tell: (wish, end) => {
        this.#underWay.delete(wish);
        wish.settle(end);
      },
    });
  }

  submit(request: TransferRequest): void {
    this.#room.admit({ ...request, dueMs: this.#options.clock.nowMs() + request.timeoutMs });
  }

  /** The leader, or the way to it, has changed; `leaderId` is another than this node, or null. */
  onRouteChanged(leaderId: NodeId | null): void {
    if (leaderId !== null) {
      for (const wish of this.#underWay) this.#room.settle(wish, leaderId);
    }
    this.#room.flushSoon();
  }

  stop(): void {
    this.#room.close(() => shuttingDown());
  }

  #flush(): void {
    const route = this.#options.route();
    if (route !== "here") this.#room.sendBackForwarded("this node does not lead now");
    for (const wish of this.#room.waiting) {
      if (route === "here") this.#begin(wish);
      else if (route !== null) this.#ask(route, wish);
    }
    if (this.#room.waiting.size > 0) this.#room.retryLater();
  }

  #begin(wish: Wish): void {
    const { begin, clock, electionTimeoutMs, id } = this.#options;
    const { to } = wish;
    if (to === id) {
      this.#room.settle(wish, id);
      return;
    }
    const refusal = this.#judge(to);
    if (refusal !== null || !begin(to)) {
      const who = to === null ? "no voter" : `node ${to} is not reachable or`;
      const detail = `${who} holds the leader's log: there is nobody to hand over to`;
      this.#room.settle(wish, refusal ?? membershipConflict(detail, true));
      return;
    }
    this.#room.sendOn(wish);
    this.#underWay.add(wish);
    const end = membershipConflict("nobody took the office over in time; this node goes on", true);
    clock.setTimeout(() => this.#room.settle(wish, end), 2 * electionTimeoutMs);
  }

  #judge(to: NodeId | null): RequestError | null {
    if (to === null) return null;
    const configuration = this.#options.configuration();
    if (configuration.voters.some(({ id }) => id === to)) return null;
    return membersOf(configuration).some(({ id }) => id === to)
      ? membershipConflict(`node ${to} is a learner, and only voters lead`)
      : notFound(`node ${to} is not a member`);
  }

  #ask(leader: NodeId, wish: Wish): void {
    if (wish.to === leader) {
      this.#room.settle(wish, leader);
      return;
    }
    const { clock, requests } = this.#options;
    const timeoutMs = Math.max(1, wish.dueMs - clock.nowMs());
    const end = (ended: RequestEnd) => this.#onEnded(wish, ended);
    const isSent = requests.send(leader, { type: "transfer", to: wish.to }, { timeoutMs, end });
    if (isSent) this.#room.sendOn(wish);
  }

  /** A transfer asked for twice does no harm: whoever leads by then answers. */
  #onEnded(wish: Wish, ended: RequestEnd): void {
    if (ended.kind === "answered" && ended.answer.type === "transferred") {
      this.#room.settle(wish, ended.answer.leaderId);
      return;
    }
    const failure =
      ended.kind === "answered" && ended.answer.type === "failed" ? ended.answer : null;
    const isFinal = failure?.code === "membership_conflict" || failure?.code === "not_found";
    if (failure !== null && isFinal) {
      this.#room.settle(wish, new RequestError(failure.code, failure.facts));
      return;
    }
    this.#room.tryAgain(wish);
  }
}
