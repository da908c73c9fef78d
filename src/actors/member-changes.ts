/**
 * An operator's wishes on their way to a decision: changes of who takes part. Each waits here until
 * a leader is known, goes into this node's log (when it leads) or over the link to the leader, and
 * is settled once: when it is committed, or by an error whose outcome is true.
 */
import {
  membershipConflict,
  notFound,
  outcomeUnknown,
  RequestError,
  shuttingDown,
  timedOut,
} from "../errors";
import type { ChangeRefusal } from "../machines/raft/vocabulary";
import type { PeerAnswer } from "../messages";
import type { LogIndex, MembershipChange, NodeId } from "../types";
import type { ChangeAnswer } from "./node-handle";
import type { PeerRequests, RequestEnd } from "./peer-requests";
import {
  type Caller,
  inDoubt,
  isForAnotherLeader,
  WaitingRoom,
  type WaitingRoomParts,
} from "./waiting-room";

export interface ChangeRequest extends Caller<ChangeAnswer> {
  readonly change: MembershipChange;
}

interface Wish extends ChangeRequest {
  readonly dueMs: number;
  /** Why the leader would not have it yet; null before it was asked. */
  refusal: ChangeRefusal | null;
  /** Has left once without an answer: nobody may say any more that it was not applied. */
  isDoubtful: boolean;
}

export interface MemberChangesOptions extends WaitingRoomParts {
  readonly requests: PeerRequests;
  /** Steps the machine; `onAppended` or `onDeclined` is called before it returns. */
  offer(request: number, change: MembershipChange): void;
  /** Whether those who are left could commit anything now. */
  hasQuorum(): boolean;
}

/** One refused for what will be over soon waits; the others are told at once. */
const isPassing = ({ code }: ChangeRefusal): boolean =>
  code === "not_leader" || code === "not_ready" || code === "change_under_way";

export class MemberChanges {
  readonly #options: MemberChangesOptions;
  readonly #room: WaitingRoom<Wish, ChangeAnswer>;
  readonly #offered = new Map<number, Wish>();
  /** In this leader's log, by index. */
  readonly #appended = new Map<LogIndex, Wish>();
  #lastRequest = 0;

  constructor(options: MemberChangesOptions) {
    this.#options = options;
    this.#room = new WaitingRoom({
      parts: options,
      noun: "changes of membership",
      guestsMax: options.limits.changesMax,
      outcome: "not_applied",
      flush: () => this.#flush(),
      lapse: (wish) => this.#lapse(wish),
      tell: (wish, end) => wish.settle(wish.isDoubtful ? inDoubt(end) : end),
    });
  }

  submit(request: ChangeRequest): void {
    const dueMs = this.#options.clock.nowMs() + request.timeoutMs;
    this.#room.admit({ ...request, dueMs, refusal: null, isDoubtful: false });
  }

  /** The leader, or the way to it, has changed. */
  onRouteChanged(): void {
    this.#room.flushSoon();
  }

  onAppended(request: number, index: LogIndex): void {
    const wish = this.#take(request);
    if (wish === null) return;
    this.#appended.set(index, wish);
    const isForced = wish.change.kind === "remove" && wish.change.force;
    // As it was told: it is done, and waits for those who come back.
    if (isForced && !this.#options.hasQuorum()) {
      this.#room.settle(wish, { index, isPending: true });
    }
  }

  onDeclined(request: number, refusal: ChangeRefusal): void {
    const wish = this.#take(request);
    if (wish === null) return;
    wish.refusal = refusal;
    // Of two operators one comes first, and the other is told; what the leader changes of its own
    // accord is nobody's business.
    const isRival = refusal.code === "change_under_way" && this.#appended.size > 0;
    if (!isPassing(refusal) || isRival) {
      this.#room.settle(wish, errorOf(refusal));
      return;
    }
    this.#room.waitAgain(wish);
    if (refusal.code === "not_leader") {
      this.#room.sendBackForwarded("this node does not lead now");
    }
    this.#room.retryLater();
  }

  /** The log is committed so far: what stands in it is done. */
  onCommitted(commitIndex: LogIndex): void {
    for (const [index, wish] of this.#appended) {
      if (index > commitIndex) continue;
      this.#appended.delete(index);
      this.#room.settle(wish, { index, isPending: false });
    }
  }

  /** Whether the next leader has the rest is not for us to say. */
  onOfficeLeft(): void {
    const end = outcomeUnknown("the leader lost its office after it had appended the change");
    for (const wish of this.#appended.values()) this.#room.settle(wish, end);
    this.#appended.clear();
  }

  stop(): void {
    this.#room.close((wish) =>
      this.#room.waiting.has(wish)
        ? shuttingDown()
        : outcomeUnknown("the node stopped before this was decided"),
    );
  }

  #take(request: number): Wish | null {
    const wish = this.#offered.get(request) ?? null;
    this.#offered.delete(request);
    return wish;
  }

  #flush(): void {
    const route = this.#options.route();
    if (route === "here") this.#offerAll();
    else {
      this.#room.sendBackForwarded("this node does not lead now");
      for (const wish of this.#room.waiting) {
        if (route !== null && this.#forward(route, wish)) this.#room.sendOn(wish);
      }
    }
    if (this.#room.waiting.size > 0) this.#room.retryLater();
  }

  #offerAll(): void {
    for (const wish of this.#room.sendOnAll()) {
      const request = ++this.#lastRequest;
      this.#offered.set(request, wish);
      this.#options.offer(request, wish.change);
    }
  }

  /** False when not a byte of it has left. */
  #forward(leader: NodeId, wish: Wish): boolean {
    const { clock, requests } = this.#options;
    const timeoutMs = Math.max(1, wish.dueMs - clock.nowMs());
    const request = { type: "changeMembers", change: wish.change } as const;
    const end = (ended: RequestEnd) => {
      if (ended.kind === "answered") this.#onAnswer(wish, ended.answer);
      else if (ended.kind === "timedOut") this.#room.settle(wish, this.#lapse(wish));
      else this.#onLinkLost(wish);
    };
    return requests.send(leader, request, { timeoutMs, end });
  }

  /**
   * What has left may have been done, so nothing is sent twice but a move: it does no harm, and one
   * of the leader itself breaks the very link on which its answer was to come.
   */
  #onLinkLost(wish: Wish): void {
    if (wish.change.kind === "move") {
      wish.isDoubtful = true;
      this.#room.tryAgain(wish);
    } else {
      this.#room.settle(wish, outcomeUnknown("the link to the leader was lost"));
    }
  }

  #onAnswer(wish: Wish, answer: PeerAnswer): void {
    if (answer.type === "membersChanged") {
      this.#room.settle(wish, { index: answer.index, isPending: answer.isPending });
      return;
    }
    if (answer.type !== "failed") return;
    const { code, facts } = answer;
    // The change that a second try must wait for may be its own first.
    const isBehindItself = wish.isDoubtful && facts.retryable && facts.outcome === "not_applied";
    if (isForAnotherLeader(answer) || isBehindItself) this.#room.tryAgain(wish);
    else this.#room.settle(wish, new RequestError(code, facts));
  }

  #lapse(wish: Wish): RequestError {
    if (!this.#room.waiting.has(wish)) {
      return timedOut("the change is not committed yet; it may still be", "unknown");
    }
    const { refusal } = wish;
    return refusal === null || refusal.code === "not_leader"
      ? this.#room.inVain("no leader took the change within the timeout")
      : errorOf(refusal);
  }
}

const errorOf = (refusal: ChangeRefusal): RequestError =>
  refusal.code === "unknown_member"
    ? notFound(refusal.detail)
    : membershipConflict(refusal.detail, isPassing(refusal));
