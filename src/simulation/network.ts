/**
 * The network between simulated nodes: one directed link for each pair, on which encoded messages
 * are delayed, dropped, repeated and reordered, and which may be cut in one direction or both. A
 * link's greeting is exchanged when it opens, as on the real one; a cut is noticed only by silence.
 */
import type { Transport, TransportHandlers } from "../actors/transport";
import type { Hello, Refusal } from "../messages";
import type { Address, NodeId } from "../types";
import type { Life } from "./life";
import type { Seeded } from "./seeded";
import type { VirtualClock } from "./virtual-clock";

/** How bad the network is. Probabilities are per message. */
export interface NetworkFaults {
  readonly delayMsMean: number;
  readonly dropProbability: number;
  /** Only of Raft's own messages: requests travel at most once, as their streams promise. */
  readonly repeatProbability: number;
  /** How late a repeated message may come: into other terms, other lives. */
  readonly repeatDelayMsMax: number;
  /** Whether a link delivers in the order of sending, as a stream does. */
  readonly keepsOrder: boolean;
  /** How long an end of a broken link may go on believing in it. */
  readonly silenceMsMax: number;
}
export const calmNetwork: NetworkFaults = {
  delayMsMean: 0.5,
  dropProbability: 0,
  repeatProbability: 0,
  repeatDelayMsMax: 0,
  keepsOrder: true,
  silenceMsMax: 3000,
};

/** How long a link takes to open, and how often it is tried. Units: ms. */
const OPEN_DELAY_MS = 2;
const RETRY_DELAY_MS = 100;
/** How soon a reset is heard where the way is free. Units: ms. */
const RESET_DELAY_MS = 1;
/** What keeps two moments apart. Units: ms. */
const TICK_MS = 0.001;

/** What the network is asked to carry, before it decides anything. */
export interface Sending {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Uint8Array;
}

export interface NetworkOptions {
  readonly clock: VirtualClock;
  readonly random: Seeded;
  /** Whether a message may arrive twice. */
  isRepeatable(message: Uint8Array): boolean;
  /** May throw: the sender dies in the middle of sending. */
  onSend(sending: Sending): void;
}

/** One node's port, for one life. */
interface Endpoint {
  readonly id: NodeId;
  readonly life: Life;
  readonly peers: readonly { readonly id: NodeId; readonly address: Address }[];
  handlers: TransportHandlers | null;
  /** Links out of this node that it believes to be open. */
  readonly open: Map<NodeId, Link>;
}

interface Link {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** The greeting given when it opened. */
  readonly hello: Hello;
  /** When the last message is delivered. */
  lastDueMs: number;
}

export class SimulatedNetwork {
  faults: NetworkFaults = calmNetwork;
  readonly #options: NetworkOptions;
  readonly #endpoints = new Map<NodeId, Endpoint>();
  /** Directions that carry nothing, as `from * 1000 + to`. */
  readonly #cut = new Set<number>();
  /** When clogged directions flow again. Units: ms. */
  readonly #cloggedUntil = new Map<number, number>();

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#cut.has(directionOf(from, to));
  }

  /** Cuts the direction `from → to`: nothing arrives any more, nobody is told. */
  cut(from: NodeId, to: NodeId): void {
    this.#cut.add(directionOf(from, to));
    const link = this.#endpoints.get(from)?.open.get(to);
    if (link) this.#breakLater(link, "no sign of life");
    // The answers to its own pings are lost with the direction back.
    const back = this.#endpoints.get(to)?.open.get(from);
    if (back) this.#breakLater(back, "no sign of life");
  }

  /** Opens every direction again, clogged ones too. */
  heal(): void {
    this.#cut.clear();
    this.#cloggedUntil.clear();
  }

  healBetween(a: NodeId, b: NodeId): void {
    this.#cut.delete(directionOf(a, b));
    this.#cut.delete(directionOf(b, a));
  }

  /** Cuts both directions between every pair that is not in one group. */
  partition(groups: readonly (readonly NodeId[])[]): void {
    this.heal();
    const all = groups.flat();
    for (const a of all) {
      for (const b of all) {
        const isTogether = groups.some((group) => group.includes(a) && group.includes(b));
        if (a !== b && !isTogether) this.cut(a, b);
      }
    }
  }

  /** For a while the direction `from → to` only gathers what is sent. */
  clog(from: NodeId, to: NodeId, ms: number): void {
    this.#cloggedUntil.set(directionOf(from, to), this.#options.clock.nowMs + ms);
  }

  /** A stranger greets a node; its answer. null lets the stranger in. */
  knock(to: NodeId, hello: Hello): Refusal | null {
    const endpoint = this.#endpoints.get(to);
    if (!endpoint?.life.isRunning || !endpoint.handlers) return null;
    return endpoint.handlers.judge(hello);
  }

  /** How `id` greets, or null while it does not run. */
  helloOf(id: NodeId): Hello | null {
    const endpoint = this.#endpoints.get(id);
    return endpoint?.life.isRunning ? (endpoint.handlers?.hello() ?? null) : null;
  }

  /** Breaks the link `from → to` for once: both ends hear of it and it is dialled again. */
  reset(from: NodeId, to: NodeId): void {
    const link = this.#endpoints.get(from)?.open.get(to);
    if (link) this.#break(link, "connection reset");
  }

  /** A port to this network for one life of a node. */
  transportOf(
    id: NodeId,
    life: Life,
    members: readonly { readonly id: NodeId; readonly peerAddress: Address }[],
  ): Transport {
    const peers = members
      .filter((member) => member.id !== id)
      .map((member) => ({ id: member.id, address: member.peerAddress }));
    const endpoint: Endpoint = { id, life, peers, handlers: null, open: new Map() };
    this.#endpoints.set(id, endpoint);
    return {
      start: (handlers) => {
        endpoint.handlers = handlers;
        for (const peer of peers) this.#dial(endpoint, peer.id, OPEN_DELAY_MS);
        return Promise.resolve();
      },
      send: (to, message) => this.#send(endpoint, to, message),
      disconnect: (peer, reason) => {
        const link = this.#endpoints.get(peer)?.open.get(id);
        if (link) this.#schedule(link, RESET_DELAY_MS, reason);
      },
      links: () =>
        peers.map((peer) => ({
          peer: peer.id,
          address: peer.address,
          state: endpoint.open.has(peer.id) ? "open" : "connecting",
          reason: null,
          apiAddress: null,
          refusal: null,
        })),
      stop: () => Promise.resolve(),
    };
  }

  /** The process is gone. A dead machine, other than a dead process, resets nothing. */
  onProcessGone(id: NodeId, how: "killed" | "powerLost"): void {
    for (const endpoint of this.#endpoints.values()) {
      const link = endpoint.open.get(id);
      if (!link) continue;
      if (how === "killed" && !this.isCut(id, endpoint.id)) {
        this.#schedule(link, RESET_DELAY_MS, "connection reset");
      } else this.#breakLater(link, "no sign of life");
    }
  }

  #dial(from: Endpoint, to: NodeId, delayMs: number): void {
    this.#options.clock.schedule(delayMs, () => this.#greet(from, to), from.life);
  }

  /** Greets, or tries again later. A greeting needs both directions and two that are awake. */
  #greet(from: Endpoint, to: NodeId): void {
    const peer = this.#endpoints.get(to);
    const isReachable =
      peer?.life.isRunning && !this.isCut(from.id, to) && !this.isCut(to, from.id);
    const isOpen = peer !== undefined && isReachable && this.#introduce(from, peer);
    if (!isOpen) this.#dial(from, to, RETRY_DELAY_MS);
  }

  #introduce(from: Endpoint, to: Endpoint): boolean {
    if (from.handlers === null || to.handlers === null) return false;
    const { handlers } = to;
    const hello = from.handlers.hello();
    const refusal = handlers.judge(hello);
    if (refusal !== null) {
      from.handlers.onRefused(to.id, refusal);
      return false;
    }
    const answer = handlers.hello();
    if (from.handlers.judge(answer) !== null) return false;
    from.open.set(to.id, { from, to, hello, lastDueMs: 0 });
    to.life.run(() => handlers.onMet(hello));
    from.handlers.onMet(answer);
    return true;
  }

  #send(from: Endpoint, to: NodeId, message: Uint8Array): boolean {
    const link = from.open.get(to);
    if (!link || from.life.isOver) return false;
    const { clock, random, isRepeatable, onSend } = this.#options;
    const { delayMsMean, dropProbability, keepsOrder, repeatDelayMsMax, repeatProbability } =
      this.faults;
    onSend({ from: from.id, to, message });
    const copy = message.slice();
    if (!random.chance(dropProbability)) {
      const arrive = () => this.#arrive(link, copy);
      const delayMs = random.exponential(delayMsMean);
      const dueMs = Math.max(link.lastDueMs + TICK_MS, clock.nowMs + delayMs);
      link.lastDueMs = dueMs;
      this.#carry(link, keepsOrder ? dueMs - clock.nowMs : delayMs, arrive);
    }
    if (repeatProbability > 0 && random.chance(repeatProbability) && isRepeatable(copy)) {
      const arrive = () => this.#deliver(link.hello, to, copy);
      this.#carry(link, random.next() * repeatDelayMsMax, arrive);
    }
    return true;
  }

  #carry({ from, to }: Link, delayMs: number, arrive: () => void): void {
    const { clock } = this.#options;
    const clogMs = (this.#cloggedUntil.get(directionOf(from.id, to.id)) ?? 0) - clock.nowMs;
    clock.schedule(Math.max(delayMs, clogMs), arrive);
  }

  /** A stream leads to one process: the next one under its address knows nothing of it. */
  #arrive(link: Link, message: Uint8Array): void {
    const { from, hello, to } = link;
    if (!to.life.isOver) this.#deliver(hello, to.id, message);
    else if (this.#endpoints.get(to.id)?.life.isRunning && !this.isCut(from.id, to.id)) {
      this.#schedule(link, RESET_DELAY_MS, "connection reset");
    }
  }

  /** A repeated message reaches whoever lives there by then, as a replayed packet would. */
  #deliver(hello: Hello, to: NodeId, message: Uint8Array): void {
    const endpoint = this.#endpoints.get(to);
    if (!endpoint || endpoint.life.isOver || this.isCut(hello.nodeId, to)) return;
    const { handlers, life } = endpoint;
    if (!handlers) return;
    const arrive = () => handlers.onMessage(hello, message);
    // Bytes wait in the socket of a paused process.
    if (life.isPaused) this.#options.clock.schedule(0, arrive, life);
    else life.run(arrive);
  }

  #breakLater(link: Link, reason: string): void {
    this.#schedule(link, this.#options.random.next() * this.faults.silenceMsMax, reason);
  }

  #schedule(link: Link, delayMs: number, reason: string): void {
    this.#options.clock.schedule(delayMs, () => this.#break(link, reason), link.from.life);
  }

  /** Both ends learn that the link is gone, unless the sender has another one by now. */
  #break(link: Link, reason: string): void {
    const { from, to } = link;
    if (from.life.isOver || from.open.get(to.id) !== link) return;
    // A direction that works again before anyone noticed was only slow.
    const isHealthy =
      to.life.isRunning && !this.isCut(from.id, to.id) && !this.isCut(to.id, from.id);
    if (isHealthy && reason === "no sign of life") return;
    from.open.delete(to.id);
    from.life.run(() => from.handlers?.onLost(to.id, reason));
    this.#options.clock.schedule(0, () => to.handlers?.onUnheard?.(from.id), to.life);
    this.#dial(from, to.id, RETRY_DELAY_MS);
  }
}

const directionOf = (from: NodeId, to: NodeId): number => from * 1000 + to;
