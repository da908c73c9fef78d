/**
 * What a node does about who takes part, besides consensus: whom it dials and where, who waits for
 * a member to settle in, and what becomes of a node that was removed.
 */
import { isRemoved } from "../machines/raft/context";
import type { RaftContext } from "../machines/raft/vocabulary";
import type { Hello } from "../messages";
import type { Address, Configuration, NodeId } from "../types";
import { membersOf } from "../types";
import type { Clock } from "./clock";
import type { Deadline, Deadlines } from "./deadlines";
import type { Peer, Transport } from "./transport";

interface Waiter {
  readonly id: NodeId;
  readonly deadline: Deadline;
  readonly settle: (isSettled: boolean) => void;
}

export interface MembershipOptions {
  readonly id: NodeId;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly transport: Pick<Transport, "setPeers">;
  context(): RaftContext;
  configuration(): Configuration;
  /** This node was removed, and that is committed; called once. */
  onRemoved(): void;
}

export class Membership {
  readonly #options: MembershipOptions;
  /** Where those who greeted us say that they are. */
  readonly #announced = new Map<NodeId, Address>();
  readonly #waiters = new Set<Waiter>();
  #dialled = "";
  #hasStarted = false;
  #isOver = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** The transport is there. */
  start(): void {
    this.#hasStarted = true;
    this.onChanged();
  }

  /**
   * Dials every member, and whoever has greeted us though our log does not know it: a node that was
   * away while others came needs their votes, and they its own (Thesis §4.1).
   */
  #dial(): void {
    if (!this.#hasStarted || this.#isOver) return;
    const { configuration, context, id: own, transport } = this.#options;
    const addresses = new Map(
      [...this.#announced].filter(([id]) => !isRemoved(context(), id) && id !== own),
    );
    for (const { id, peerAddress } of membersOf(configuration())) {
      if (id !== own && !addresses.has(id)) addresses.set(id, peerAddress);
    }
    const peers: readonly Peer[] = [...addresses]
      .map(([id, address]) => ({ id, address }))
      .sort((a, b) => a.id - b.id);
    const dialled = JSON.stringify(peers);
    if (dialled === this.#dialled) return;
    this.#dialled = dialled;
    transport.setPeers(peers);
  }

  onMet({ nodeId, peerAddress }: Hello): void {
    if (peerAddress === null) this.#announced.delete(nodeId);
    else this.#announced.set(nodeId, peerAddress);
    this.#dial();
  }

  /** A node that is no member and was lost is not looked for. */
  onUnheard(peer: NodeId): void {
    const isMember = membersOf(this.#options.configuration()).some(({ id }) => id === peer);
    if (!isMember && this.#announced.delete(peer)) this.#dial();
  }

  /** The configuration in force is another, or is committed now. */
  onChanged(): void {
    if (!this.#hasStarted || this.#isOver) return;
    this.#dial();
    for (const waiter of this.#waiters) {
      if (this.#isSettled(waiter.id)) this.#end(waiter, true);
    }
    const { context, id, onRemoved } = this.#options;
    if (!isRemoved(context(), id)) return;
    this.#isOver = true;
    onRemoved();
  }

  /** Hears whether `id` has become what it was added to be, in time. */
  whenSettled(id: NodeId, timeoutMs: number, settle: (isSettled: boolean) => void): void {
    const { clock, deadlines } = this.#options;
    if (this.#isSettled(id)) {
      settle(true);
      return;
    }
    const deadline = deadlines.add(clock.nowMs() + timeoutMs, () => this.#end(waiter, false));
    const waiter: Waiter = { id, deadline, settle };
    this.#waiters.add(waiter);
  }

  stop(): void {
    this.#isOver = true;
    for (const waiter of this.#waiters) this.#end(waiter, false);
  }

  #isSettled(id: NodeId): boolean {
    const { learners, voters } = this.#options.configuration();
    const isGuest = learners.some(({ diskId, id: own, stays }) => own === id && stays && diskId);
    return isGuest || voters.some((voter) => voter.id === id);
  }

  #end(waiter: Waiter, isSettled: boolean): void {
    if (!this.#waiters.delete(waiter)) return;
    this.#options.deadlines.cancel(waiter.deadline);
    waiter.settle(isSettled);
  }
}
