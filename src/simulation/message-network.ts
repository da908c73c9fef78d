/**
 * A network of messages: one directed link for each pair, on which encoded messages are delayed,
 * dropped, repeated and reordered. A link's greeting is exchanged when it opens, as on the real
 * one; a cut is noticed only by silence. It stands in for the production links, so that messages
 * may also suffer what no stream would do to them.
 */
import type { LinkStatus, Peer, Transport } from "../actors/transport";
import { assert } from "../assert";
import type { Hello, Refusal } from "../messages";
import type { NodeId } from "../types";
import type { Life } from "./life";
import { type Endpoint, RESET_DELAY_MS, SimulatedNetwork } from "./network";

/** How long a link takes to open, and how often it is tried. Units: ms. */
const OPEN_DELAY_MS = 2;
const RETRY_DELAY_MS = 100;
/** What keeps two moments apart. Units: ms. */
const TICK_MS = 0.001;

/** One node's port, for one life. */
interface Port extends Endpoint {
  /** Whom it dials: one object of our own for as long as nothing about it changes. */
  readonly peers: Map<NodeId, Peer>;
  /** Links out of this node, to peers of it, that it believes to be open. */
  readonly open: Map<NodeId, Link>;
}

interface Link {
  readonly from: Port;
  readonly peer: Peer;
  readonly to: Port;
  /** The greeting given when it opened. */
  readonly hello: Hello;
  /** When the last message is delivered. */
  lastDueMs: number;
}

export class MessageNetwork extends SimulatedNetwork<Port> {
  /** Cuts the direction `from → to`: nothing arrives any more, nobody is told. */
  override cut(from: NodeId, to: NodeId): void {
    super.cut(from, to);
    const link = this.endpoints.get(from)?.open.get(to);
    if (link) this.#breakLater(link, "no sign of life");
    // The answers to its own pings are lost with the direction back.
    const back = this.endpoints.get(to)?.open.get(from);
    if (back) this.#breakLater(back, "no sign of life");
  }

  knock(to: NodeId, hello: Hello, onAnswer: (refusal: Refusal | null) => void): void {
    const handlers = this.handlersOf(to);
    if (handlers) onAnswer(handlers.judge(hello));
  }

  /** Both ends hear of it, and it is dialled again. */
  reset(from: NodeId, to: NodeId): void {
    const link = this.endpoints.get(from)?.open.get(to);
    if (link) this.#break(link, "connection reset");
  }

  linkOf(from: NodeId, to: NodeId): object | null {
    const link = this.endpoints.get(from)?.open.get(to);
    return link && !link.to.life.isOver ? link : null;
  }

  readingOf(): null {
    return null;
  }

  transportOf(id: NodeId, life: Life): Transport {
    const endpoint: Port = { id, life, peers: new Map(), handlers: null, open: new Map() };
    this.endpoints.set(id, endpoint);
    return {
      start: (handlers) => {
        endpoint.handlers = handlers;
        return Promise.resolve();
      },
      setPeers: (peers) => this.#setPeers(endpoint, peers),
      send: (to, message) => this.#send(endpoint, to, message),
      disconnect: (peer, reason) => {
        const link = this.endpoints.get(peer)?.open.get(id);
        if (link) this.#schedule(link, RESET_DELAY_MS, reason);
      },
      links: () =>
        [...endpoint.peers.values()].map((peer) => ({
          ...statusOf(endpoint, peer),
          isHeard: this.endpoints.get(peer.id)?.open.has(id) ?? false,
        })),
      stop: () => Promise.resolve(),
    };
  }

  onProcessGone(id: NodeId, how: "killed" | "powerLost"): void {
    for (const endpoint of this.endpoints.values()) {
      const link = endpoint.open.get(id);
      if (!link) continue;
      if (how === "killed" && !this.isCut(id, endpoint.id)) {
        this.#schedule(link, RESET_DELAY_MS, "connection reset");
      } else this.#breakLater(link, "no sign of life");
    }
  }

  /** The ends are told last, as by the production links: whoever hears may ask for more. */
  #setPeers(from: Port, peers: readonly Peer[]): void {
    assert(from.handlers !== null, "a transport dials only once it has started");
    const addresses = new Map(peers.map(({ id, address }) => [id, address]));
    const ended: Link[] = [];
    for (const { id, address } of [...from.peers.values()]) {
      if (addresses.get(id) === address) continue;
      const link = from.open.get(id);
      if (link) ended.push(link);
      from.open.delete(id);
      from.peers.delete(id);
    }
    for (const [id, address] of addresses) {
      if (from.peers.has(id)) continue;
      const peer = { id, address };
      from.peers.set(id, peer);
      this.#dial(from, peer, OPEN_DELAY_MS);
    }
    for (const link of ended) this.#tellEnd(link, "dialled no more, or elsewhere");
  }

  #dial(from: Port, peer: Peer, delayMs: number): void {
    this.clock.schedule(delayMs, () => this.#greet(from, peer), from.life);
  }

  /** Greets, or tries again later. A greeting needs both directions and two that are awake. */
  #greet(from: Port, peer: Peer): void {
    if (from.peers.get(peer.id) !== peer) return;
    const to = this.nodeAt(peer.address) === peer.id ? this.endpoints.get(peer.id) : undefined;
    const isOpen = to !== undefined && this.#isHealthy(from, to) && this.#introduce(from, to, peer);
    if (!isOpen) this.#dial(from, peer, RETRY_DELAY_MS);
  }

  #isHealthy(from: Port, to: Port): boolean {
    return to.life.isRunning && !this.isCut(from.id, to.id) && !this.isCut(to.id, from.id);
  }

  #introduce(from: Port, to: Port, peer: Peer): boolean {
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
    from.open.set(to.id, { from, peer, to, hello, lastDueMs: 0 });
    to.life.run(() => handlers.onMet(hello));
    from.handlers.onMet(answer);
    return true;
  }

  #send(from: Port, to: NodeId, message: Uint8Array): boolean {
    const link = from.open.get(to);
    if (!link || from.life.isOver) return false;
    const { clock, random, isRepeatable, onSend } = this.options;
    const { delayMsMean, dropProbability, keepsOrder, repeatDelayMsMax, repeatProbability } =
      this.faults;
    onSend({ from: from.id, to, message, connection: null });
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
    this.clock.schedule(Math.max(delayMs, this.clogMs(from.id, to.id)), arrive);
  }

  /** A stream leads to one process: the next one under its address knows nothing of it. */
  #arrive(link: Link, message: Uint8Array): void {
    const { from, hello, to } = link;
    if (!to.life.isOver) this.#deliver(hello, to.id, message);
    else if (this.endpoints.get(to.id)?.life.isRunning && !this.isCut(from.id, to.id)) {
      this.#schedule(link, RESET_DELAY_MS, "connection reset");
    }
  }

  /** A repeated message reaches whoever lives there by then, as a replayed packet would. */
  #deliver(hello: Hello, to: NodeId, message: Uint8Array): void {
    const endpoint = this.endpoints.get(to);
    if (!endpoint || endpoint.life.isOver || this.isCut(hello.nodeId, to)) return;
    const { handlers, life } = endpoint;
    if (!handlers) return;
    this.happenTo(life, () => handlers.onMessage(hello, message));
  }

  #breakLater(link: Link, reason: string): void {
    this.#schedule(link, this.options.random.next() * this.faults.silenceMsMax, reason);
  }

  #schedule(link: Link, delayMs: number, reason: string): void {
    this.clock.schedule(delayMs, () => this.#break(link, reason), link.from.life);
  }

  /** Both ends learn that the link is gone, unless the sender has another one by now. */
  #break(link: Link, reason: string): void {
    const { from, peer, to } = link;
    if (from.life.isOver || from.open.get(to.id) !== link) return;
    // A direction that works again before anyone noticed was only slow.
    if (this.#isHealthy(from, to) && reason === "no sign of life") return;
    from.open.delete(to.id);
    this.#tellEnd(link, reason);
    this.#dial(from, peer, RETRY_DELAY_MS);
  }

  #tellEnd({ from, to }: Link, reason: string): void {
    from.life.run(() => from.handlers?.onLost(to.id, reason));
    this.clock.schedule(0, () => to.handlers?.onUnheard?.(from.id), to.life);
  }
}

const statusOf = ({ open }: Port, { address, id }: Peer): Omit<LinkStatus, "isHeard"> => ({
  peer: id,
  address,
  state: open.has(id) ? "open" : "connecting",
  reason: null,
  apiAddress: null,
  aliveMs: null,
  refusal: null,
});
