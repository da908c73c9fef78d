/**
 * Writes on their way to a decision. A command waits here until a leader is known, goes into this
 * node's log (when it leads) or over the link to the leader, and is settled exactly once: by its
 * result, or by an error whose outcome is true.
 */
import { noLeader, outcomeUnknown, overloaded, RequestError, timedOut } from "../errors";
import type { PeerAnswer } from "../messages";
import type { CommandResult, LogIndex, NodeId, Term } from "../types";
import type { Clock } from "./clock";
import type { Deadline, Deadlines } from "./deadlines";
import type { NodeLimits } from "./limits";
import type { PeerRequests, RequestEnd } from "./peer-requests";

export type Settle = (end: CommandResult | RequestError) => void;

export interface Submission {
  readonly command: Uint8Array;
  /** Carries an idempotency key: sending it twice does no harm. */
  readonly isKeyed: boolean;
  /** Came over a link: the node it came from waits for a leader, we do not. */
  readonly isForwarded: boolean;
  readonly timeoutMs: number;
  readonly settle: Settle;
}

interface Proposal extends Submission {
  readonly dueMs: number;
  deadline: Deadline | null;
  place: "waiting" | "appended" | "forwarded" | "settled";
  index: LogIndex | null;
  /** Bytes have left once without an answer: nobody may say any more that it was not applied. */
  isDoubtful: boolean;
}

export interface ProposalsOptions {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly limits: NodeLimits;
  readonly requests: PeerRequests;
  /** Where to go now: this node's log, another node, or nowhere yet. */
  route(): "here" | NodeId | null;
  /** Steps the machine; `onAppended` or `onDeclined` is called before it returns. */
  offer(commands: readonly Uint8Array[]): void;
  /** Whether a batch is on its way to this disk: the next one gathers meanwhile. */
  isDiskBusy(): boolean;
  /** Why nobody leads, for people. */
  describeNoLeader(): string;
  /** An error for a command that there is no room for, else null. */
  refuse(command: Uint8Array): RequestError | null;
}

export class Proposals {
  readonly #options: ProposalsOptions;
  #waiting: Proposal[] = [];
  #offered: readonly Proposal[] = [];
  readonly #appended = new Map<LogIndex, { readonly proposal: Proposal; readonly term: Term }>();
  #forwarded = 0;
  #isFlushDue = false;
  #retryTimer: unknown = null;
  /** Set while a batch gathers behind a busy disk. */
  #gatherTimer: unknown = null;

  constructor(options: ProposalsOptions) {
    this.#options = options;
  }

  /** Writes that nobody has settled yet. */
  get underWay(): number {
    return this.#waiting.length + this.#appended.size + this.#forwarded;
  }

  submit(submission: Submission): void {
    const { clock, deadlines, limits } = this.#options;
    if (this.underWay >= limits.proposalsMax) {
      submission.settle(overloaded(`${limits.proposalsMax} writes are under way on this node`));
      return;
    }
    const dueMs = clock.nowMs() + submission.timeoutMs;
    const proposal: Proposal = {
      ...submission,
      dueMs,
      deadline: null,
      place: "waiting",
      index: null,
      isDoubtful: false,
    };
    proposal.deadline = deadlines.add(dueMs, () => this.#expire(proposal));
    this.#waiting.push(proposal);
    this.#flushSoon();
  }

  /** The disk is free for the next batch. */
  onDiskFree(): void {
    this.#options.clock.clearTimeout(this.#gatherTimer);
    this.#gatherTimer = null;
    if (this.#waiting.length > 0 && !this.#isFlushDue) this.#flush();
  }

  /** The leader, or the way to it, has changed. */
  onRouteChanged(): void {
    if (this.#waiting.length > 0) this.#flushSoon();
  }

  /** The commands just offered are in the log, unless they are another's. */
  onAppended(firstIndex: LogIndex, term: Term): void {
    this.#offered.forEach((proposal, offset) => {
      const index = (firstIndex + offset) as LogIndex;
      proposal.place = "appended";
      proposal.index = index;
      this.#appended.set(index, { proposal, term });
    });
    this.#offered = [];
  }

  /** The machine would not append them: they wait for another leader, or are sent back. */
  onDeclined(): void {
    const declined = this.#offered;
    this.#offered = [];
    this.#waiting = [...declined, ...this.#waiting];
    for (const proposal of declined) {
      if (proposal.isForwarded) this.#settle(proposal, noLeader("this node does not lead now"));
    }
  }

  onApplied(index: LogIndex, term: Term, result: CommandResult): void {
    const appended = this.#appended.get(index);
    if (!appended) return;
    const { proposal } = appended;
    if (appended.term === term) this.#settle(proposal, result);
    else this.#settle(proposal, outcomeUnknown("another leader's entry stands where this was"));
  }

  /**
   * "The leader lost office after it appended": whether the next one has the entries is not for us
   * to say. What is committed will be applied and is settled by that.
   */
  onOfficeLeft(commitIndex: LogIndex): void {
    for (const [index, { proposal }] of this.#appended) {
      if (index <= commitIndex) continue;
      this.#settle(
        proposal,
        outcomeUnknown("the leader lost its office after it had appended this"),
      );
    }
  }

  /** Everything that still waits is told why. */
  stop(error: () => RequestError): void {
    for (const proposal of this.#waiting.splice(0)) this.#settle(proposal, error());
    for (const { proposal } of [...this.#appended.values()]) {
      this.#settle(proposal, outcomeUnknown("the node stopped before this was decided"));
    }
    this.#options.clock.clearTimeout(this.#retryTimer);
    this.#options.clock.clearTimeout(this.#gatherTimer);
  }

  #flushSoon(): void {
    if (this.#isFlushDue || this.#gatherTimer !== null) return;
    this.#isFlushDue = true;
    this.#options.clock.defer(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    this.#waiting = this.#waiting.filter((proposal) => proposal.place === "waiting");
    const route = this.#options.route();
    if (route === "here" && this.#options.isDiskBusy()) {
      this.#gather();
      return;
    }
    if (route === "here") this.#appendHere();
    else if (route !== null) this.#forwardTo(route);
    else this.#sendBackForwarded();
    if (this.#waiting.length === 0) return;
    if (route === "here") this.#flushSoon();
    else this.#retryLater();
  }

  /** Lets a batch grow while the one before is written; a slow disk of ours holds nobody up. */
  #gather(): void {
    const { clock, limits } = this.#options;
    this.#gatherTimer ??= clock.setTimeout(() => {
      this.#gatherTimer = null;
      if (this.#options.route() === "here") this.#appendHere();
      if (this.#waiting.length > 0) this.#flushSoon();
    }, limits.gatherMsMax);
  }

  #appendHere(): void {
    const batch: Proposal[] = [];
    const { batchBytesMax, batchCommandsMax } = this.#options.limits;
    let bytes = 0;
    let taken = 0;
    for (const proposal of this.#waiting) {
      const isFull =
        batch.length >= batchCommandsMax || bytes + proposal.command.length > batchBytesMax;
      if (isFull && batch.length > 0) break;
      taken += 1;
      if (proposal.place !== "waiting") continue;
      const refusal = this.#options.refuse(proposal.command);
      if (refusal) this.#settle(proposal, refusal);
      else batch.push(proposal);
      bytes += proposal.command.length;
    }
    this.#waiting = this.#waiting.slice(taken);
    if (batch.length === 0) return;
    this.#offered = batch;
    this.#options.offer(batch.map((proposal) => proposal.command));
  }

  #forwardTo(leader: NodeId): void {
    const { clock, requests } = this.#options;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const proposal of waiting) {
      if (proposal.isForwarded) {
        this.#settle(proposal, noLeader(`node ${leader} leads now`));
        continue;
      }
      const timeoutMs = Math.max(1, proposal.dueMs - clock.nowMs());
      const end = (ended: RequestEnd) => this.#onForwardEnded(proposal, ended);
      const request = { type: "propose", command: proposal.command } as const;
      if (requests.send(leader, request, { timeoutMs, end })) {
        proposal.place = "forwarded";
        this.#forwarded += 1;
      } else this.#waiting.push(proposal);
    }
  }

  #sendBackForwarded(): void {
    for (const proposal of this.#waiting) {
      if (proposal.isForwarded) this.#settle(proposal, noLeader("this node knows no leader"));
    }
    this.#waiting = this.#waiting.filter((proposal) => proposal.place === "waiting");
  }

  #onForwardEnded(proposal: Proposal, ended: RequestEnd): void {
    if (proposal.place !== "forwarded") return;
    if (ended.kind === "answered") this.#onAnswer(proposal, ended.answer);
    else if (ended.kind === "timedOut") this.#expire(proposal);
    else this.#onLinkLost(proposal);
  }

  #onAnswer(proposal: Proposal, answer: PeerAnswer): void {
    if (answer.type === "proposed") this.#settle(proposal, answer.result);
    if (answer.type !== "failed") return;
    const isForAnotherLeader = answer.code === "no_leader" || answer.code === "shutting_down";
    if (isForAnotherLeader && answer.facts.outcome === "not_applied") this.#waitAgain(proposal);
    else this.#settle(proposal, new RequestError(answer.code, answer.facts));
  }

  /** "A forwarder never resends an unkeyed command once bytes have left it." */
  #onLinkLost(proposal: Proposal): void {
    proposal.isDoubtful = true;
    if (proposal.isKeyed) this.#waitAgain(proposal);
    else this.#settle(proposal, outcomeUnknown("the link to the leader was lost"));
  }

  #waitAgain(proposal: Proposal): void {
    this.#forwarded -= 1;
    proposal.place = "waiting";
    this.#waiting.push(proposal);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retryTimer !== null) return;
    const { clock, limits } = this.#options;
    this.#retryTimer = clock.setTimeout(() => {
      this.#retryTimer = null;
      this.#flushSoon();
    }, limits.retryDelayMs);
  }

  #expire(proposal: Proposal): void {
    if (proposal.place === "settled") return;
    if (proposal.place !== "waiting") {
      this.#settle(proposal, timedOut("no decision within the timeout", "unknown"));
    } else if (this.#options.route() === null) {
      this.#settle(proposal, noLeader(this.#options.describeNoLeader()));
    } else {
      this.#settle(proposal, timedOut("the write waited for its turn in vain", "not_applied"));
    }
  }

  #settle(proposal: Proposal, end: CommandResult | RequestError): void {
    if (proposal.place === "settled") return;
    if (proposal.place === "forwarded") this.#forwarded -= 1;
    if (proposal.index !== null) this.#appended.delete(proposal.index);
    proposal.place = "settled";
    if (proposal.deadline) this.#options.deadlines.cancel(proposal.deadline);
    const isClaim = end instanceof RequestError && end.facts.outcome === "not_applied";
    proposal.settle(proposal.isDoubtful && isClaim ? outcomeUnknown(end.facts.detail) : end);
  }
}
