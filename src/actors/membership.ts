/**
 * What a node does about who takes part, besides consensus: whom it dials and where, who waits for
 * a member to settle in, and what becomes of a node that was removed.
 */
import {
  configurationAt,
  isMember,
  isRemoved,
  trustedConfiguration,
} from "../machines/raft/context";
import type { RaftContext } from "../machines/raft/vocabulary";
import type { Hello } from "../messages";
import type { Address, Configuration, Member, NodeId } from "../types";
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
  readonly transport: Pick<Transport, "setPeers" | "disconnect">;
  context(): RaftContext;
  configuration(): Configuration;
  /** This node was removed, and that is committed; called once. */
  onRemoved(): void;
}

export class Membership {
  readonly #options: MembershipOptions;
  /** Where those who greeted us say that they are, whatever any log says. */
  readonly #announced = new Map<NodeId, Address>();
  /** Where those who greeted us are by their own logs; for those whom ours does not know. */
  readonly #introduced = new Map<NodeId, Address>();
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
    const { context, id: own, transport } = this.#options;
    const members = this.#notYetGone().map(({ id, peerAddress }) => [id, peerAddress] as const);
    // Of what is said twice of a node the last holds.
    const addresses = new Map([...this.#introduced, ...members, ...this.#announced]);
    const peers: readonly Peer[] = [...addresses]
      .filter(([id]) => id !== own && !isRemoved(context(), id))
      .map(([id, address]) => ({ id, address }))
      .sort((a, b) => a.id - b.id);
    const dialled = JSON.stringify(peers);
    if (dialled === this.#dialled) return;
    this.#dialled = dialled;
    transport.setPeers(peers);
  }

  /**
   * The members, those of the latest configuration last, and whoever is one until a later one is
   * committed: a leader needs everybody's answers to commit its own removal.
   */
  #notYetGone(): readonly Member[] {
    const { configurations, commitIndex } = this.#options.context();
    const committed = configurationAt(this.#options.context(), commitIndex).index;
    const inQuestion = configurations.filter(({ index }) => index >= committed);
    return inQuestion.flatMap(({ configuration }) => membersOf(configuration));
  }

  onMet({ configuredAddress, nodeId, peerAddress }: Hello): void {
    put(this.#announced, nodeId, peerAddress);
    put(this.#introduced, nodeId, configuredAddress);
    this.#dial();
  }

  /** A node that is no member and was lost is not looked for. */
  onUnheard(peer: NodeId): void {
    if (isMember(this.#options.context(), peer)) return;
    this.#announced.delete(peer);
    this.#introduced.delete(peer);
    this.#dial();
  }

  /** The configuration in force is another, or is committed now. */
  onChanged(): void {
    if (!this.#hasStarted || this.#isOver) return;
    this.#dial();
    this.#hangUp();
    for (const waiter of this.#waiters) {
      if (this.#isSettled(waiter.id)) this.#end(waiter, true);
    }
    const { context, id, onRemoved } = this.#options;
    if (!isRemoved(context(), id)) return;
    this.#isOver = true;
    onRemoved();
  }

  /** Whoever was removed and still speaks to us dials again, and is told so by the refusal. */
  #hangUp(): void {
    const { context, transport } = this.#options;
    for (const { id } of trustedConfiguration(context()).removed) {
      transport.disconnect(id, `node ${id} was removed`);
    }
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

function put(addresses: Map<NodeId, Address>, id: NodeId, address: Address | null): void {
  if (address === null) addresses.delete(id);
  else addresses.set(id, address);
}
