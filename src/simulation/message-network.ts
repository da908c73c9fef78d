/**
 * A network of messages: one directed link for each pair, on which encoded messages are delayed,
 * dropped, repeated and reordered. A link's greeting is exchanged when it opens, as on the real
 * one; a cut is noticed only by silence. It stands in for the production links, so that messages
 * may also suffer what no stream would do to them.
 */
import type { Transport } from "../actors/transport";
import type { Hello, Refusal } from "../messages";
import type { Address, NodeId } from "../types";
import type { Life } from "./life";
import { type Contact, type Endpoint, peersOf, RESET_DELAY_MS, SimulatedNetwork } from "./network";

/** How long a link takes to open, and how often it is tried. Units: ms. */
const OPEN_DELAY_MS = 2;
const RETRY_DELAY_MS = 100;
/** What keeps two moments apart. Units: ms. */
const TICK_MS = 0.001;

/** One node's port, for one life. */
interface Port extends Endpoint {
  readonly peers: readonly { readonly id: NodeId; readonly address: Address }[];
  /** Links out of this node that it believes to be open. */
  readonly open: Map<NodeId, Link>;
}

interface Link {
  readonly from: Port;
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

  transportOf(id: NodeId, life: Life, members: readonly Contact[]): Transport {
    const peers = peersOf(id, members);
    const endpoint: Port = { id, life, peers, handlers: null, open: new Map() };
    this.endpoints.set(id, endpoint);
    return {
      start: (handlers) => {
        endpoint.handlers = handlers;
        for (const peer of peers) this.#dial(endpoint, peer.id, OPEN_DELAY_MS);
        return Promise.resolve();
      },
      send: (to, message) => this.#send(endpoint, to, message),
      disconnect: (peer, reason) => {
        const link = this.endpoints.get(peer)?.open.get(id);
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

  onProcessGone(id: NodeId, how: "killed" | "powerLost"): void {
    for (const endpoint of this.endpoints.values()) {
      const link = endpoint.open.get(id);
      if (!link) continue;
      if (how === "killed" && !this.isCut(id, endpoint.id)) {
        this.#schedule(link, RESET_DELAY_MS, "connection reset");
      } else this.#breakLater(link, "no sign of life");
    }
  }

  #dial(from: Port, to: NodeId, delayMs: number): void {
    this.clock.schedule(delayMs, () => this.#greet(from, to), from.life);
  }

  /** Greets, or tries again later. A greeting needs both directions and two that are awake. */
  #greet(from: Port, to: NodeId): void {
    const peer = this.endpoints.get(to);
    const isReachable =
      peer?.life.isRunning && !this.isCut(from.id, to) && !this.isCut(to, from.id);
    const isOpen = peer !== undefined && isReachable && this.#introduce(from, peer);
    if (!isOpen) this.#dial(from, to, RETRY_DELAY_MS);
  }

  #introduce(from: Port, to: Port): boolean {
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
    const { from, to } = link;
    if (from.life.isOver || from.open.get(to.id) !== link) return;
    // A direction that works again before anyone noticed was only slow.
    const isHealthy =
      to.life.isRunning && !this.isCut(from.id, to.id) && !this.isCut(to.id, from.id);
    if (isHealthy && reason === "no sign of life") return;
    from.open.delete(to.id);
    from.life.run(() => from.handlers?.onLost(to.id, reason));
    this.clock.schedule(0, () => to.handlers?.onUnheard?.(from.id), to.life);
    this.#dial(from, to.id, RETRY_DELAY_MS);
  }
}
