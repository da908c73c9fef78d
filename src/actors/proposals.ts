/**
 * Writes on their way to a decision. A command waits here until a leader is known, goes into this
 * node's log (when it leads) or over the link to the leader, and is settled exactly once: by its
 * result, or by an error whose outcome is true.
 */
import { outcomeUnknown, RequestError, shuttingDown, timedOut } from "../errors";
import type { PeerAnswer } from "../messages";
import type { CommandResult, LogIndex, NodeId, Term } from "../types";
import { indexPlus } from "../types";
import type { PeerRequests, RequestEnd } from "./peer-requests";
import { type Call, WaitingLine } from "./waiting-line";
import {
  type Caller,
  inDoubt,
  isForAnotherLeader,
  WaitingRoom,
  type WaitingRoomParts,
} from "./waiting-room";

export interface Submission extends Caller<CommandResult> {
  readonly command: Uint8Array;
  /** Carries an idempotency key: sending it twice does no harm. */
  readonly isKeyed: boolean;
}

interface Proposal extends Submission {
  readonly dueMs: number;
  /** Where it stands in this node's log. */
  index: LogIndex | null;
  /** Bytes have left once without an answer: nobody may say any more that it was not applied. */
  isDoubtful: boolean;
}

export interface ProposalsOptions extends WaitingRoomParts {
  readonly requests: PeerRequests;
  /** Steps the machine; `onAppended` or `onDeclined` is called before it returns. */
  offer(commands: readonly Uint8Array[]): void;
  /** Whether a batch is not committed yet: the next one gathers meanwhile. */
  isBatchUnderWay(): boolean;
  /** An error for a command that there is no room for, else null. */
  refuse(command: Uint8Array): RequestError | null;
}

export class Proposals {
  readonly #options: ProposalsOptions;
  readonly #room: WaitingRoom<Proposal, CommandResult>;
  /** Before the room, once it is full. */
  readonly #line: WaitingLine;
  #offered: readonly Proposal[] = [];
  readonly #appended = new Map<LogIndex, { readonly proposal: Proposal; readonly term: Term }>();
  /** Set while a batch gathers behind another. */
  #gatherTimer: unknown = null;

  constructor(options: ProposalsOptions) {
    this.#options = options;
    this.#room = new WaitingRoom({
      parts: options,
      noun: "writes",
      guestsMax: options.limits.proposalsMax,
      outcome: "not_applied",
      flush: () => this.#flush(),
      lapse: (proposal) => this.#lapse(proposal),
      tell: (proposal, end) => this.#tell(proposal, end),
    });
    this.#line = new WaitingLine({
      ...options,
      refusal: this.#room.overloaded,
      free: () => this.#room.free,
    });
  }

  /** Writes that nobody has settled yet. */
  get underWay(): number {
    return this.#room.size;
  }

  /** Writes for which there is no room yet. */
  get inLine(): number {
    return this.#line.length;
  }

  /** Whether one more may come now: not before those who wait for room. */
  get hasRoom(): boolean {
    return this.#room.free > 0 && this.#line.length === 0;
  }

  /** Calls `call` once there is room, or with the reason why there was none within `timeoutMs`. */
  awaitRoom(timeoutMs: number, call: Call): void {
    this.#line.join(call, this.#options.clock.nowMs() + timeoutMs);
  }

  submit(submission: Submission): void {
    const dueMs = this.#options.clock.nowMs() + submission.timeoutMs;
    // This node's own have asked for room before; those of others must not overtake who waits.
    const isNext = submission.isForwarded ? this.hasRoom : this.#room.free > 0;
    if (isNext) this.#admit(submission, dueMs);
    else this.#waitForRoom(submission, dueMs);
  }

  /** What was appended is committed: it is the next batch's turn. */
  onCommitted(): void {
    this.#stopGathering();
    this.#room.flushSoon();
  }

  /** The leader, or the way to it, has changed. */
  onRouteChanged(): void {
    this.#room.flushSoon();
  }

  /** The commands just offered are in the log, unless they are another's. */
  onAppended(firstIndex: LogIndex, term: Term): void {
    this.#offered.forEach((proposal, offset) => {
      proposal.index = indexPlus(firstIndex, offset);
      this.#appended.set(proposal.index, { proposal, term });
    });
    this.#offered = [];
  }

  /** The machine would not append them: they wait for another leader, or are sent back. */
  onDeclined(): void {
    const declined = this.#offered;
    this.#offered = [];
    for (const proposal of declined) this.#room.waitAgain(proposal);
    this.#room.sendBackForwarded("this node does not lead now");
  }

  onApplied(index: LogIndex, term: Term, result: CommandResult): void {
    const appended = this.#appended.get(index);
    if (!appended) return;
    const isReplaced = appended.term !== term;
    const end = isReplaced
      ? outcomeUnknown("another leader's entry stands where this was")
      : result;
    this.#room.settle(appended.proposal, end);
  }

  /**
   * A snapshot stands for the entries up to `index` now: those of them that were not applied here
   * one by one are committed, and what came of them nobody can say any more.
   */
  onInstalled(index: LogIndex): void {
    const end = outcomeUnknown("this node took over a snapshot before it had applied this");
    for (const [at, { proposal }] of this.#appended) {
      if (at <= index) this.#room.settle(proposal, end);
    }
  }

  /**
   * "The leader lost office after it appended": whether the next one has the entries is not for us
   * to say. What is committed will be applied and is settled by that.
   */
  onOfficeLeft(commitIndex: LogIndex): void {
    const end = outcomeUnknown("the leader lost its office after it had appended this");
    for (const [index, { proposal }] of this.#appended) {
      if (index > commitIndex) this.#room.settle(proposal, end);
    }
  }

  /** Everyone is told what can be told; nobody is let in any more. */
  stop(): void {
    this.#stopGathering();
    this.#line.close(shuttingDown());
    this.#room.close((proposal) =>
      this.#room.waiting.has(proposal)
        ? shuttingDown()
        : outcomeUnknown("the node stopped before this was decided"),
    );
  }

  #admit(submission: Submission, dueMs: number): void {
    this.#room.admit({ ...submission, dueMs, index: null, isDoubtful: false });
  }

  /**
   * What it waits comes off its time. Whoever forwarded it waits no longer than that for an answer:
   * a refusal must reach it before, or all that it could say is that the outcome is unknown.
   */
  #waitForRoom(submission: Submission, dueMs: number): void {
    const byMs = submission.isForwarded ? dueMs - submission.timeoutMs / 2 : dueMs;
    this.#line.join((refusal) => {
      const timeoutMs = Math.max(1, dueMs - this.#options.clock.nowMs());
      if (refusal !== null) submission.settle(refusal);
      else this.#admit({ ...submission, timeoutMs }, dueMs);
    }, byMs);
  }

  #flush(): void {
    const route = this.#options.route();
    if (route === "here" && this.#options.isBatchUnderWay()) {
      this.#gather();
      return;
    }
    if (route === "here" && !this.#room.isWorthAFlush) return;
    if (route === "here") this.#appendHere();
    else if (route !== null) this.#forwardTo(route);
    else this.#room.sendBackForwarded("this node knows no leader");
    if (this.#room.waiting.size === 0) return;
    if (route === "here") this.#room.flushSoon();
    else this.#room.retryLater();
  }

  /** Lets a batch grow while the one before is decided; slow disks and links hold nobody up. */
  #gather(): void {
    const { clock, limits } = this.#options;
    this.#gatherTimer ??= clock.setTimeout(() => {
      this.#gatherTimer = null;
      if (this.#options.route() === "here") this.#appendHere();
      this.#room.flushSoon();
    }, limits.gatherMsMax);
  }

  #stopGathering(): void {
    this.#options.clock.clearTimeout(this.#gatherTimer);
    this.#gatherTimer = null;
  }

  #appendHere(): void {
    const batch: Proposal[] = [];
    const { batchBytesMax, batchCommandsMax } = this.#options.limits;
    let bytes = 0;
    for (const proposal of this.#room.waiting) {
      const isFull =
        batch.length >= batchCommandsMax || bytes + proposal.command.length > batchBytesMax;
      if (isFull && batch.length > 0) break;
      const refusal = this.#options.refuse(proposal.command);
      if (refusal) {
        this.#room.settle(proposal, refusal);
        continue;
      }
      this.#room.sendOn(proposal);
      batch.push(proposal);
      bytes += proposal.command.length;
    }
    if (batch.length === 0) return;
    this.#offered = batch;
    this.#options.offer(batch.map((proposal) => proposal.command));
  }

  #forwardTo(leader: NodeId): void {
    this.#room.sendBackForwarded(`node ${leader} leads now`);
    for (const proposal of this.#room.waiting) {
      if (!this.#forward(leader, proposal)) break;
      this.#room.sendOn(proposal);
    }
  }

  /** False when not a byte of it has left. */
  #forward(leader: NodeId, proposal: Proposal): boolean {
    const { clock, requests } = this.#options;
    const timeoutMs = Math.max(1, proposal.dueMs - clock.nowMs());
    const end = (ended: RequestEnd) => this.#onForwardEnded(proposal, ended);
    const request = { type: "propose", command: proposal.command } as const;
    return requests.send(leader, request, { timeoutMs, end });
  }

  #onForwardEnded(proposal: Proposal, ended: RequestEnd): void {
    if (ended.kind === "answered") this.#onAnswer(proposal, ended.answer);
    else if (ended.kind === "timedOut") this.#room.settle(proposal, this.#lapse(proposal));
    else this.#onLinkLost(proposal);
  }

  #onAnswer(proposal: Proposal, answer: PeerAnswer): void {
    if (answer.type === "proposed") this.#room.settle(proposal, answer.result);
    if (answer.type !== "failed") return;
    if (isForAnotherLeader(answer)) this.#room.tryAgain(proposal);
    else this.#room.settle(proposal, new RequestError(answer.code, answer.facts));
  }

  /** "A forwarder never resends an unkeyed command once bytes have left it." */
  #onLinkLost(proposal: Proposal): void {
    proposal.isDoubtful = true;
    if (proposal.isKeyed) this.#room.tryAgain(proposal);
    else this.#room.settle(proposal, outcomeUnknown("the link to the leader was lost"));
  }

  #lapse(proposal: Proposal): RequestError {
    return this.#room.waiting.has(proposal)
      ? this.#room.inVain("the write waited for its turn in vain")
      : timedOut("no decision within the timeout", "unknown");
  }

  #tell(proposal: Proposal, end: CommandResult | RequestError): void {
    if (proposal.index !== null) this.#appended.delete(proposal.index);
    this.#line.callSoon();
    proposal.settle(proposal.isDoubtful ? inDoubt(end) : end);
  }
}
