/**
 * The transport of links: one dialled link to every peer to speak on, and whatever accepted links
 * peers have dialled to be heard on. Knows who was met; leaves each link's life to its machine.
 */
import { assert } from "../../assert";
import type { Hello, Refusal } from "../../messages";
import type { Address, NodeId } from "../../types";
import type { Clock } from "../clock";
import { type MachineWatch, unwatched } from "../machine-watch";
import type { ByteStream, StreamHandlers, StreamListener, StreamNetwork } from "../stream";
import type { LinkStatus, Peer, Transport, TransportHandlers } from "../transport";
import { AcceptedLink } from "./accepted-link.actor";
import { DialledLink } from "./dialled-link.actor";
import type { ScheduleFlush } from "./framed-stream";
import type { LinkEnvironment } from "./link-environment";
import { defaultLinkLimits, type LinkLimits } from "./link-limits";

export interface PeerLinksOptions {
  /** Where the peer port listens; port 0 takes any free one. */
  readonly listen: Address;
  readonly network: StreamNetwork;
  readonly clock: Clock;
  /** Of the jitter in back-offs; should differ between nodes. */
  readonly seed: number | string;
  readonly limits?: LinkLimits;
  /** When queued frames leave; the next turn of the loop unless told. */
  readonly scheduleFlush?: ScheduleFlush;
  readonly watch?: MachineWatch;
}

export class PeerLinks implements Transport {
  private readonly environment: LinkEnvironment;
  /** The one link on which a peer is spoken to. */
  private readonly dialled = new Map<NodeId, DialledLink>();
  /** Links to those who are dialled no more, or elsewhere, until they have closed. */
  private readonly ending = new Set<DialledLink>();
  /** Every connection from others, strangers included. */
  private readonly accepted = new Set<AcceptedLink>();
  /** The one link on which a peer is heard. */
  private readonly heard = new Map<NodeId, AcceptedLink>();
  /** The newest greeting of every node that was ever accepted. */
  private readonly met = new Map<NodeId, Hello>();
  private handlers: TransportHandlers | null = null;
  private listener: StreamListener | null = null;
  /** Settled when the last link has closed; null while we are not stopping. */
  private stopping: PromiseWithResolvers<void> | null = null;

  constructor(private readonly options: PeerLinksOptions) {
    const { network, clock, seed } = options;
    this.environment = {
      network,
      clock,
      seed,
      limits: options.limits ?? defaultLinkLimits,
      scheduleFlush: options.scheduleFlush ?? ((flush) => clock.defer(flush)),
      watch: options.watch ?? unwatched,
    };
  }

  /** Where it really listens; known once it has started. */
  get address(): Address | null {
    return this.listener?.address ?? null;
  }

  async start(handlers: TransportHandlers): Promise<void> {
    assert(this.handlers === null, "a transport starts once");
    this.handlers = handlers;
    const { network, listen } = this.options;
    this.listener = network.listen(listen, (stream) => this.accept(stream, handlers));
  }

  setPeers(peers: readonly Peer[]): void {
    const { handlers } = this;
    assert(handlers !== null, "a transport dials only once it has started");
    const addresses = new Map(peers.map(({ id, address }) => [id, address]));
    assert(addresses.size === peers.length, "a peer is dialled at one address");
    // Who does not listen (any more) greets nobody: a second process would displace the first.
    if (this.listener === null || this.stopping !== null) return;
    const gone = [...this.dialled.values()].filter(
      ({ peer }) => addresses.get(peer.id) !== peer.address,
    );
    for (const link of gone) {
      this.dialled.delete(link.peer.id);
      this.ending.add(link);
    }
    for (const peer of peers) if (!this.dialled.has(peer.id)) this.dial(peer, handlers);
    // Last, because whoever hears of an end may ask for other peers at once.
    for (const link of gone) link.stop();
  }

  send(to: NodeId, message: Uint8Array): boolean {
    return this.dialled.get(to)?.send(message) ?? false;
  }

  disconnect(peer: NodeId, reason: string): void {
    this.heard.get(peer)?.onFault(reason);
  }

  links(): readonly LinkStatus[] {
    return [...this.dialled.values()].map((link) => ({
      ...link.status(),
      isHeard: this.heard.has(link.peer.id),
      apiAddress: this.met.get(link.peer.id)?.apiAddress ?? null,
    }));
  }

  stop(): Promise<void> {
    if (this.stopping !== null) return this.stopping.promise;
    this.stopping = Promise.withResolvers();
    this.listener?.stop();
    for (const link of [...this.dialled.values(), ...this.accepted]) link.stop();
    this.settleStop();
    return this.stopping.promise;
  }

  private dial(peer: Peer, handlers: TransportHandlers): void {
    const link: DialledLink = new DialledLink(peer, this.environment, {
      hello: () => handlers.hello(),
      judge: (hello) => this.judge(hello, handlers),
      onOpen: (hello) => this.noteMet(hello, handlers),
      onLost: (reason) =>
        handlers.onLost(peer.id, this.ending.has(link) ? this.whyEnded(peer) : reason),
      onRefusedByPeer: (refusal) => handlers.onRefused(peer.id, refusal),
      onRefusedByUs: ({ detail }) => handlers.onFault?.(peer.address, `refused: ${detail}`),
      onStopped: () => {
        if (!this.ending.delete(link)) this.dialled.delete(peer.id);
        this.settleStop();
      },
    });
    this.dialled.set(peer.id, link);
  }

  private whyEnded({ id }: Peer): string {
    const elsewhere = this.dialled.get(id)?.peer.address;
    return elsewhere === undefined ? "dialled no more" : `dialled at ${elsewhere} from now on`;
  }

  private accept(stream: ByteStream, handlers: TransportHandlers): StreamHandlers {
    const { acceptedLinksMax } = this.environment.limits;
    if (this.stopping !== null || this.accepted.size >= acceptedLinksMax) {
      const reason = `more than ${acceptedLinksMax} connections at a time`;
      if (this.stopping === null) handlers.onFault?.(stream.remote, reason);
      stream.terminate();
      return deaf;
    }
    const link: AcceptedLink = new AcceptedLink(stream, this.environment, {
      hello: () => handlers.hello(),
      judge: (hello) => this.judge(hello, handlers),
      onMet: (hello) => this.hear(link, hello, handlers),
      onMessage: (from, message) => handlers.onMessage(from, message),
      onClosed: (reason, faulty) => {
        this.forget(link, handlers);
        if (faulty) handlers.onFault?.(link.remote, reason);
      },
    });
    this.accepted.add(link);
    return link.stream;
  }

  /** From now on the peer is heard on `link` alone, and an older link of it is closed. */
  private hear(link: AcceptedLink, hello: Hello, handlers: TransportHandlers): void {
    const older = this.heard.get(hello.nodeId);
    this.heard.set(hello.nodeId, link);
    if (older) {
      older.replace();
      handlers.onUnheard?.(hello.nodeId);
    }
    this.noteMet(hello, handlers);
    this.dialled.get(hello.nodeId)?.noteMet();
  }

  private forget(link: AcceptedLink, handlers: TransportHandlers): void {
    this.accepted.delete(link);
    for (const [peer, heard] of this.heard) {
      if (heard !== link) continue;
      this.heard.delete(peer);
      handlers.onUnheard?.(peer);
    }
    this.settleStop();
  }

  /** The host's judgement first; then nobody may come back from before its own restart. */
  private judge(hello: Hello, handlers: TransportHandlers): Refusal | null {
    const refusal = handlers.judge(hello);
    if (refusal !== null) return refusal;
    const known = this.met.get(hello.nodeId);
    // Incarnations are counted by a data directory: those of two are not to be compared.
    if (known?.diskId !== hello.diskId || known.incarnation <= hello.incarnation) return null;
    const { nodeId, incarnation } = hello;
    return {
      code: "old_incarnation",
      detail: `node ${nodeId} was met in start ${known.incarnation}, this is start ${incarnation}`,
    };
  }

  private noteMet(hello: Hello, handlers: TransportHandlers): void {
    this.met.set(hello.nodeId, hello);
    handlers.onMet(hello);
  }

  private settleStop(): void {
    const open = this.dialled.size + this.ending.size + this.accepted.size;
    if (open === 0) this.stopping?.resolve();
  }
}

const deaf: StreamHandlers = { onOpen() {}, onData() {}, onDrain() {}, onClose() {} };
