/**
 * Linearizable reads on their way to proof (Thesis §6.4). All reads that wait share one round: the
 * leader confirms its office, a follower asks the leader for an index, and once this node has
 * applied that far they are all answered from its own copy.
 */
import { type RequestError, shuttingDown, timedOut } from "../errors";
import type { LogIndex, NodeId } from "../types";
import type { PeerRequests, RequestEnd } from "./peer-requests";
import { type Caller, WaitingRoom, type WaitingRoomParts } from "./waiting-room";

/** Its end is the read index: this node's copy is at least as new as the request. */
export type ReadRequest = Caller<LogIndex>;

/** Reads whose round is under way. */
interface Batch {
  readonly read: number;
  /** This node's own machine, which always answers, or the leader as far as is known. */
  readonly asked: "here" | NodeId;
  readonly requests: Set<ReadRequest>;
}

export interface ReadsOptions extends WaitingRoomParts {
  readonly requests: PeerRequests;
  appliedIndex(): LogIndex;
  /** Steps the machine, which confirms or declines `read` sooner or later. */
  requestReadIndex(read: number): void;
}

export class Reads {
  readonly #options: ReadsOptions;
  readonly #room: WaitingRoom<ReadRequest, LogIndex>;
  /** One at a time, so that batches grow with load. */
  #underWay: Batch | null = null;
  /**
   * Reads that wait for this node's copy only, and the index it must reach; in ascending order,
   * since each round is asked for when the one before has been answered.
   */
  readonly #confirmed = new Map<ReadRequest, LogIndex>();
  #lastRead = 0;

  constructor(options: ReadsOptions) {
    this.#options = options;
    this.#room = new WaitingRoom({
      parts: options,
      noun: "reads",
      guestsMax: options.limits.readsMax,
      outcome: null,
      flush: () => this.#flush(),
      lapse: (request) => this.#lapse(request),
      tell: (request, end) => this.#tell(request, end),
    });
  }

  /** Reads that nobody has answered yet. */
  get underWay(): number {
    return this.#room.size;
  }

  submit(request: ReadRequest): void {
    this.#room.admit(request);
  }

  /** The leader, or the way to it, has changed: one who led before may never answer. */
  onRouteChanged(): void {
    const batch = this.#underWay;
    const route = this.#options.route();
    const isLedByAnother = batch !== null && route !== null && route !== batch.asked;
    if (isLedByAnother && batch.asked !== "here") this.onDeclined(batch.read);
    this.#room.flushSoon();
  }

  onConfirmed(read: number, readIndex: LogIndex): void {
    const isApplied = readIndex <= this.#options.appliedIndex();
    for (const request of this.#take(read)) {
      if (isApplied) this.#room.settle(request, readIndex);
      else this.#confirmed.set(request, readIndex);
    }
    this.#room.flushSoon();
  }

  /** Reads change nothing, so they simply look for another leader. */
  onDeclined(read: number): void {
    for (const request of this.#take(read)) this.#room.waitAgain(request);
    this.#room.retryLater();
  }

  /** This node's copy has come as far as `appliedIndex`. */
  onApplied(appliedIndex: LogIndex): void {
    for (const [request, readIndex] of this.#confirmed) {
      if (readIndex > appliedIndex) break;
      this.#room.settle(request, readIndex);
    }
  }

  stop(): void {
    this.#room.close(() => shuttingDown(null));
  }

  /** The requests of `read`, whose round is over; none if it was given up before. */
  #take(read: number): Iterable<ReadRequest> {
    if (this.#underWay?.read !== read) return [];
    const { requests } = this.#underWay;
    this.#underWay = null;
    return requests;
  }

  #flush(): void {
    if (this.#underWay) return;
    const route = this.#options.route();
    if (route !== "here") this.#room.sendBackForwarded("this node does not lead now");
    if (this.#room.waiting.size === 0 || !this.#room.isWorthAFlush) return;
    const read = ++this.#lastRead;
    if (route === null || (route !== "here" && !this.#askLeader(route, read))) {
      this.#room.retryLater();
      return;
    }
    this.#underWay = { read, asked: route, requests: this.#room.sendOnAll() };
    if (route === "here") this.#options.requestReadIndex(read);
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

  #lapse(request: ReadRequest): RequestError {
    return this.#confirmed.has(request)
      ? timedOut("this node has not applied yet what the read must see", null)
      : this.#room.inVain("no quorum confirmed the read within the timeout");
  }

  #tell(request: ReadRequest, end: LogIndex | RequestError): void {
    this.#underWay?.requests.delete(request);
    this.#confirmed.delete(request);
    request.settle(end);
  }
}
