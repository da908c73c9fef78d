/**
 * A network of byte streams under the production links: connections that are dialled, refused,
 * filled, cut, broken at both ends or at one. A stream neither reorders nor repeats; what it
 * suffers is chunks, lateness, fullness, silence and its end.
 */
import { PeerLinks } from "../actors/links/peer-links";
import type { ByteStream, StreamHandlers, StreamNetwork as StreamPort } from "../actors/stream";
import type { Transport, TransportHandlers } from "../actors/transport";
import type { Hello, Refusal } from "../messages";
import type { Address, NodeId } from "../types";
import { Life } from "./life";
import { type Endpoint, NOBODY, SimulatedNetwork } from "./network";
import type { Seeded } from "./seeded";
import { Stranger } from "./stranger";
import { type Holder, StreamConnection } from "./stream-connection";
import type { Wire } from "./stream-way";

/** How often a dial that nobody answers is tried. Source: Linux, TCP_TIMEOUT_INIT. Units: ms. */
const DIAL_AGAIN_MS = 1000;

type Accept = (stream: ByteStream) => StreamHandlers;

/** One node's port, for one life. */
class Port implements Endpoint, Holder {
  handlers: TransportHandlers | null = null;
  reading: StreamConnection | null = null;
  links: PeerLinks | null = null;
  /** Takes connections; null until it listens. */
  accept: Accept | null = null;
  /** Where it looks for its peers. */
  peers: ReadonlyMap<NodeId, Address> = new Map();
  /** The last dial to each address. */
  readonly dialled = new Map<Address, StreamConnection>();

  constructor(
    readonly id: NodeId,
    readonly life: Life,
  ) {}
}

export class StreamNetwork extends SimulatedNetwork<Port> implements Wire {
  readonly #connections = new Set<StreamConnection>();
  /** Machines without power. */
  readonly #dark = new Set<NodeId>();
  /** One stream of chance for each pair. */
  readonly #randoms = new Map<string, Seeded>();
  #dials = 0;

  isDark(id: NodeId): boolean {
    return this.#dark.has(id);
  }

  linkOf(from: NodeId, to: NodeId): object | null {
    const port = this.endpoints.get(from);
    const link = port?.links?.links().find(({ peer }) => peer === to);
    const connection = this.#lastDial(port, to);
    return link?.state === "open" && connection?.isWhole ? connection : null;
  }

  readingOf(id: NodeId): number | null {
    return this.endpoints.get(id)?.reading?.number ?? null;
  }

  /** Whom a node believes to reach, and how many of its connections lead to it from others. */
  standingOf(id: NodeId): { readonly reached: readonly NodeId[]; readonly accepted: number } {
    const port = this.endpoints.get(id);
    const links = port?.links?.links() ?? [];
    const acceptors = [...this.#connections].map(({ acceptor }) => acceptor);
    const accepted = acceptors.filter((end) => end?.life === port?.life && !end?.isClosed);
    const reached = links.filter(({ state }) => state === "open").map(({ peer }) => peer);
    return { reached, accepted: accepted.length };
  }

  knock(to: NodeId, hello: Hello, onAnswer: (refusal: Refusal | null) => void): void {
    const port = new Port(NOBODY, new Life(() => {}));
    const stranger = new Stranger(hello, onAnswer);
    stranger.knock((handlers) => this.#dial(port, this.addressOf(to), handlers));
  }

  /** Both ends hear of it, or only one: then the other is half open, until it says something. */
  reset(from: NodeId, to: NodeId): void {
    const connection = this.#lastDial(this.endpoints.get(from), to);
    if (!connection) return;
    const { acceptor, dialler, random } = connection;
    for (const end of random.pick([[dialler, acceptor], [dialler], [acceptor]])) {
      if (end) this.happenTo(end.life, () => end.fail("connection reset"));
    }
  }

  transportOf(id: NodeId, life: Life): Transport {
    const port = new Port(id, life);
    this.endpoints.set(id, port);
    this.#dark.delete(id);
    const links = new PeerLinks({
      listen: this.addressOf(id),
      network: this.#portOf(port),
      clock: this.clock.clockOf(life, () => 0),
      seed: this.options.random.fork(`links-${id}-${this.clock.nowMs}`).word(),
    });
    port.links = links;
    return {
      start: (handlers) => {
        port.handlers = handlers;
        return links.start(handlers);
      },
      setPeers: (peers) => {
        port.peers = new Map(peers.map((peer) => [peer.id, peer.address]));
        links.setPeers(peers);
      },
      send: (to, message) => this.#send(port, links, { to, message }),
      disconnect: (peer, reason) => links.disconnect(peer, reason),
      links: () => links.links(),
      stop: () => links.stop(),
    };
  }

  /** The kernel closes what a dead process had open, and may or may not get its bytes out. */
  onProcessGone(id: NodeId, how: "killed" | "powerLost"): void {
    if (how === "powerLost") this.#dark.add(id);
    const { life } = this.endpoints.get(id) ?? {};
    if (life === undefined) return;
    for (const connection of this.#connections) {
      const death = connection.random.pick(["reset", "flushed"] as const);
      for (const end of connection.endsOf(life)) end.leave(how === "killed" ? death : "silent");
    }
  }

  #portOf(port: Port): StreamPort {
    return {
      dial: (address, handlers) => this.#dial(port, address, handlers),
      listen: (address, accept) => {
        port.accept = accept;
        return {
          address,
          stop: () => {
            port.accept = null;
          },
        };
      },
    };
  }

  #send(port: Port, links: PeerLinks, { to, message }: { to: NodeId; message: Uint8Array }) {
    if (port.life.isOver || !links.send(to, message)) return false;
    // It waits for the end of this turn: who dies here has not sent it.
    const connection = this.#lastDial(port, to)?.number ?? null;
    this.options.onSend({ from: port.id, to, message, connection });
    return true;
  }

  #dial(port: Port, address: Address, handlers: StreamHandlers): ByteStream {
    for (const old of this.#connections) if (old.isOver) this.#connections.delete(old);
    const to = this.nodeAt(address);
    const random = this.#randomOf(port.id, to);
    const connection = new StreamConnection(++this.#dials, port, address, random);
    connection.dialler.handlers = handlers;
    this.#connections.add(connection);
    port.dialled.set(address, connection);
    this.#reachIn(this.#delayMs(connection, to), connection);
    return connection.dialler;
  }

  #reachIn(ms: number, connection: StreamConnection): void {
    this.clock.schedule(ms, () => this.#reach(connection));
  }

  #reach(connection: StreamConnection): void {
    const { address, dialler, random } = connection;
    if (dialler.isClosed) return;
    const to = this.nodeAt(address);
    const isLost = random.chance(this.faults.dropProbability);
    const isCut = this.isCut(dialler.id, to) || this.isCut(to, dialler.id);
    if (isLost || isCut || this.isDark(to)) {
      this.#reachIn(DIAL_AGAIN_MS, connection);
      return;
    }
    const port = this.endpoints.get(to);
    const isListening = port?.accept && !port.life.isOver;
    if (isListening) this.#accept(connection, port);
    const tell = () => (isListening ? dialler.open() : dialler.fail("connection refused"));
    const backMs = this.#delayMs(connection, to);
    this.clock.schedule(backMs, () => this.happenTo(dialler.life, tell));
  }

  /** The kernel takes a connection also for a process that is paused. */
  #accept(connection: StreamConnection, port: Port): void {
    const acceptor = connection.reach(port, this);
    this.happenTo(port.life, () => {
      if (acceptor.isClosed || !port.accept) return;
      acceptor.handlers = port.accept(acceptor);
      acceptor.isAccepted = true;
    });
  }

  #delayMs({ dialler, random }: StreamConnection, to: NodeId): number {
    const delayMs = random.exponential(this.faults.delayMsMean);
    return Math.max(delayMs, this.clogMs(dialler.id, to));
  }

  #lastDial(port: Port | undefined, to: NodeId): StreamConnection | undefined {
    return port?.dialled.get(port.peers.get(to) ?? "");
  }

  #randomOf(from: NodeId, to: NodeId): Seeded {
    const label = `${from}-${to}`;
    const random = this.#randoms.get(label) ?? this.options.random.fork(label);
    this.#randoms.set(label, random);
    return random;
  }
}
