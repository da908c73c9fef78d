/**
 * The network between simulated nodes: one directed link for each pair, which delays, drops,
 * repeats and reorders encoded messages, and may be cut in one direction or both. A link's greeting
 * is exchanged when it opens, as on the real one.
 */
import type { LinkStatus, Transport, TransportHandlers } from "../actors/transport";
import type { Hello } from "../messages";
import type { Address, NodeId } from "../types";
import type { Seeded } from "./seeded";
import type { Life, VirtualClock } from "./virtual-clock";

/** How bad the network is. Probabilities per message; delays in ms. */
export interface NetworkFaults {
  readonly delayMsMean: number;
  readonly dropProbability: number;
  readonly repeatProbability: number;
  /** How late a repeated message may come. */
  readonly repeatDelayMsMax: number;
}
export const calmNetwork: NetworkFaults = {
  delayMsMean: 0.5,
  dropProbability: 0,
  repeatProbability: 0,
  repeatDelayMsMax: 0,
};

/** How long a link takes to open, and how often it is tried. Units: ms. */
const OPEN_DELAY_MS = 5;
const RETRY_DELAY_MS = 100;

interface Endpoint {
  readonly id: NodeId;
  readonly address: Address;
  readonly life: Life;
  readonly peers: readonly { readonly id: NodeId; readonly address: Address }[];
  handlers: TransportHandlers | null;
  /** Links out of this node that are open, with the greeting given on each. */
  readonly open: Map<NodeId, { readonly hello: Hello; readonly to: Life }>;
}

export class SimulatedNetwork {
  faults: NetworkFaults = calmNetwork;
  readonly #clock: VirtualClock;
  readonly #random: Seeded;
  readonly #endpoints = new Map<NodeId, Endpoint>();
  readonly #cut = new Set<string>();

  constructor(clock: VirtualClock, random: Seeded) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Cuts the direction `from → to`; what is on its way is lost. */
  cut(from: NodeId, to: NodeId): void {
    this.#cut.add(`${from}>${to}`);
    this.#close(from, to, "the network is cut");
  }

  heal(): void {
    this.#cut.clear();
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

  /** A port to this network for one life of a node. */
  transportOf(
    id: NodeId,
    life: Life,
    members: readonly { readonly id: NodeId; readonly peerAddress: Address }[],
  ): Transport {
    const endpoint: Endpoint = {
      id,
      address: members.find((member) => member.id === id)?.peerAddress ?? "",
      life,
      peers: members
        .filter((member) => member.id !== id)
        .map((member) => ({ id: member.id, address: member.peerAddress })),
      handlers: null,
      open: new Map(),
    };
    this.#endpoints.set(id, endpoint);
    return {
      start: (handlers) => {
        endpoint.handlers = handlers;
        for (const peer of endpoint.peers) this.#dial(endpoint, peer.id);
        return Promise.resolve();
      },
      send: (to, message) => this.#send(endpoint, to, message),
      links: () => endpoint.peers.map((peer) => this.#statusOf(endpoint, peer)),
      stop: () => Promise.resolve(),
    };
  }

  /** The process is gone: its links break at once, in both directions. */
  onProcessGone(id: NodeId): void {
    for (const other of this.#endpoints.keys()) {
      this.#close(other, id, "connection reset");
      this.#endpoints.get(id)?.open.delete(other);
    }
  }

  #isCut(from: NodeId, to: NodeId): boolean {
    return this.#cut.has(`${from}>${to}`);
  }

  /** Greets, or tries again later. A greeting needs both directions. */
  #dial(from: Endpoint, to: NodeId): void {
    this.#clock.schedule(OPEN_DELAY_MS, () => this.#greet(from, to), from.life);
  }

  #greet(from: Endpoint, to: NodeId): void {
    const peer = this.#endpoints.get(to);
    const isReachable = peer !== undefined && !peer.life.isOver && peer.handlers !== null;
    const isOpen = isReachable && !this.#isCut(from.id, to) && !this.#isCut(to, from.id);
    if (!isOpen || !this.#introduce(from, peer)) {
      this.#clock.schedule(RETRY_DELAY_MS, () => this.#greet(from, to), from.life);
    }
  }

  #introduce(from: Endpoint, to: Endpoint): boolean {
    if (from.handlers === null || to.handlers === null) return false;
    const hello = from.handlers.hello();
    const refusal = to.handlers.judge(hello);
    if (refusal !== null) {
      from.handlers.onRefused(to.id, refusal);
      return false;
    }
    const answer = to.handlers.hello();
    if (from.handlers.judge(answer) !== null) return false;
    from.open.set(to.id, { hello, to: to.life });
    to.handlers.onMet(hello);
    from.handlers.onMet(answer);
    return true;
  }

  #send(from: Endpoint, to: NodeId, message: Uint8Array): boolean {
    const link = from.open.get(to);
    if (!link) return false;
    const { delayMsMean, dropProbability, repeatDelayMsMax, repeatProbability } = this.faults;
    const copy = message.slice();
    const carry = (delayMs: number) =>
      this.#clock.schedule(delayMs, () => this.#deliver(link.hello, to, copy));
    if (!this.#random.chance(dropProbability)) carry(this.#random.exponential(delayMsMean));
    if (this.#random.chance(repeatProbability)) carry(this.#random.next() * repeatDelayMsMax);
    return true;
  }

  /** Late messages reach whoever lives there now, as a replayed packet would. */
  #deliver(hello: Hello, to: NodeId, message: Uint8Array): void {
    const endpoint = this.#endpoints.get(to);
    if (!endpoint?.handlers || endpoint.life.isOver || this.#isCut(hello.nodeId, to)) return;
    endpoint.handlers.onMessage(hello, message);
  }

  #close(from: NodeId, to: NodeId, reason: string): void {
    const endpoint = this.#endpoints.get(from);
    if (!endpoint?.open.delete(to) || endpoint.life.isOver) return;
    endpoint.handlers?.onLost(to, reason);
    this.#dial(endpoint, to);
  }

  #statusOf(from: Endpoint, peer: { readonly id: NodeId; readonly address: Address }): LinkStatus {
    const isOpen = from.open.has(peer.id);
    return {
      peer: peer.id,
      address: peer.address,
      state: isOpen ? "open" : "connecting",
      reason: isOpen ? null : "not yet greeted",
      apiAddress: null,
      refusal: null,
    };
  }
}
