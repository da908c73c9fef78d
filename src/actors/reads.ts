/**
 * Linearizable reads on their way to proof (Thesis §6.4). All reads that wait share one round: the
 * leader confirms its office, a follower asks the leader for an index, and once this node has
 * applied that far they are all answered from its own copy.
 */
import type { RequestError } from "../errors";
import { noLeader, overloaded, timedOut } from "../errors";
import type { LogIndex, NodeId } from "../types";
import type { Applier } from "./applier";
import type { Clock } from "./clock";
import type { Deadline, Deadlines } from "./deadlines";
import type { NodeLimits } from "./limits";
import type { PeerRequests, RequestEnd } from "./peer-requests";

export interface ReadRequest {
  readonly timeoutMs: number;
  /** Called once this node's copy is at least as new as the request. */
  readonly answer: (readIndex: LogIndex) => void;
  readonly fail: (error: RequestError) => void;
  /** Came over a link: only a leader may answer it. */
  readonly isForwarded: boolean;
}

interface WaitingRead extends ReadRequest {
  deadline: Deadline | null;
  isSettled: boolean;
}

export interface ReadsOptions {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly limits: NodeLimits;
  readonly requests: PeerRequests;
  readonly applier: Applier;
  route(): "here" | NodeId | null;
  /** Steps the machine, which confirms or declines `read` sooner or later. */
  requestReadIndex(read: number): void;
  describeNoLeader(): string;
}

export class Reads {
  readonly #options: ReadsOptions;
  #waiting: WaitingRead[] = [];
  /** The batch whose round is under way; one at a time, so that batches grow with load. */
  #underWay: { readonly read: number; readonly batch: WaitingRead[] } | null = null;
  #lastRead = 0;
  #isFlushDue = false;
  #retryTimer: unknown = null;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  submit(request: ReadRequest): void {
    const { clock, deadlines, limits } = this.#options;
    if (this.#waiting.length >= limits.readsMax) {
      request.fail(overloaded(`${limits.readsMax} reads wait on this node`));
      return;
    }
    const read: WaitingRead = { ...request, deadline: null, isSettled: false };
    read.deadline = deadlines.add(clock.nowMs() + request.timeoutMs, () => this.#expire(read));
    this.#waiting.push(read);
    this.#flushSoon();
  }

  /** The leader, or the way to it, has changed. */
  onRouteChanged(): void {
    if (this.#waiting.length > 0) this.#flushSoon();
  }

  onConfirmed(read: number, readIndex: LogIndex): void {
    const batch = this.#take(read);
    if (!batch) return;
    this.#options.applier.whenApplied(readIndex, () => {
      for (const waiting of batch) this.#settle(waiting, () => waiting.answer(readIndex));
    });
    this.#flushSoon();
  }

  /** Reads change nothing, so they simply look for another leader. */
  onDeclined(read: number): void {
    const batch = this.#take(read);
    if (!batch) return;
    this.#waiting = [...batch.filter((waiting) => !waiting.isSettled), ...this.#waiting];
    this.#retryLater();
  }

  stop(error: () => RequestError): void {
    const all = [...this.#waiting.splice(0), ...(this.#underWay?.batch ?? [])];
    for (const waiting of all) this.#settle(waiting, () => waiting.fail(error()));
    this.#options.clock.clearTimeout(this.#retryTimer);
  }

  #take(read: number): WaitingRead[] | null {
    if (this.#underWay?.read !== read) return null;
    const { batch } = this.#underWay;
    this.#underWay = null;
    return batch;
  }

  #flushSoon(): void {
    if (this.#isFlushDue || this.#underWay || this.#waiting.length === 0) return;
    this.#isFlushDue = true;
    this.#options.clock.defer(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#underWay) return;
    const route = this.#options.route();
    if (route !== "here") this.#sendBackForwarded();
    const batch = this.#waiting.filter((waiting) => !waiting.isSettled);
    this.#waiting = [];
    if (batch.length === 0) return;
    const read = ++this.#lastRead;
    this.#underWay = { read, batch };
    if (route === "here") this.#options.requestReadIndex(read);
    else if (route === null || !this.#askLeader(route, read)) this.onDeclined(read);
  }

  #askLeader(leader: NodeId, read: number): boolean {
    const { limits, requests } = this.#options;
    const end = (ended: RequestEnd) => {
      const isIndex = ended.kind === "answered" && ended.answer.type === "readIndex";
      if (isIndex) this.onConfirmed(read, ended.answer.index);
      else this.onDeclined(read);
    };
    return requests.send(
      leader,
      { type: "readIndex" },
      { timeoutMs: limits.readIndexTimeoutMs, end },
    );
  }

  #sendBackForwarded(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.isForwarded) continue;
      this.#settle(waiting, () => waiting.fail(noLeader("this node does not lead now", null)));
    }
  }

  #retryLater(): void {
    if (this.#retryTimer !== null) return;
    const { clock, limits } = this.#options;
    this.#retryTimer = clock.setTimeout(() => {
      this.#retryTimer = null;
      this.#flushSoon();
    }, limits.retryDelayMs);
  }

  #expire(waiting: WaitingRead): void {
    const { describeNoLeader, route } = this.#options;
    const error =
      route() === null
        ? noLeader(describeNoLeader(), null)
        : timedOut("no quorum confirmed the read within the timeout", null);
    this.#settle(waiting, () => waiting.fail(error));
  }

  #settle(waiting: WaitingRead, how: () => void): void {
    if (waiting.isSettled) return;
    waiting.isSettled = true;
    if (waiting.deadline) this.#options.deadlines.cancel(waiting.deadline);
    how();
  }
}
