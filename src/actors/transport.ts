/**
 * The port to the other nodes. Every directed pair has one link of its own: we dial a peer to send
 * to it, and accept its link to hear from it. Delivery is at most once and in order per link;
 * a message may be lost whenever a link is, and Raft does not mind.
 */
import type { Hello, Refusal } from "../messages";
import type { Address, NodeId } from "../types";

/** Whom to dial, and where. */
export interface Peer {
  readonly id: NodeId;
  readonly address: Address;
}

/** What a link is doing, for status and log. */
export interface LinkStatus {
  readonly peer: NodeId;
  readonly address: Address;
  readonly state: "connecting" | "handshaking" | "open" | "backoff";
  /** Why the link is not open, in words; null while it is. */
  readonly reason: string | null;
  /**
   * When the peer last gave a sign of life on it: accepted it, answered a ping, or closed it. null
   * where it was never open. **Units**: ms of the node's clock.
   */
  readonly aliveMs: number | null;
  /** Whether the peer has a link of its own to us, on which it is heard. */
  readonly isHeard: boolean;
  /** The API address the peer announced, null before it was met. */
  readonly apiAddress: Address | null;
  readonly refusal: Refusal | null;
}

export interface TransportHandlers {
  /** What we say of ourselves on a new connection, asked anew each time. */
  hello(): Hello;
  /** Whether a greeting is acceptable; the refusal is sent back before closing. */
  judge(hello: Hello): Refusal | null;
  /** A peer's greeting was accepted, on our link to it or on its link to us. */
  onMet(hello: Hello): void;
  /** Our link to the peer closed; `reason` is for people. */
  onLost(peer: NodeId, reason: string): void;
  /**
   * The link on which the peer was heard closed, or another took its place: what it sent there may
   * be lost.
   */
  onUnheard?(peer: NodeId): void;
  /** A peer refused us. */
  onRefused(peer: NodeId, refusal: Refusal): void;
  /** One encoded peer message (codec/messages) from a peer whose greeting was accepted. */
  onMessage(from: Hello, message: Uint8Array): void;
  /**
   * We closed a connection for a fault at its other end: garbage, silence, a refusal of ours.
   * `remote` and `reason` are for the log.
   */
  onFault?(remote: string, reason: string): void;
}

export interface Transport {
  /** Begins listening. Errors: `StartupError` `port_in_use`. */
  start(handlers: TransportHandlers): Promise<void>;
  /**
   * Whom to dial from now on, and where: links to others end, one whose address has changed is
   * dialled anew, the rest are left alone. Not before the start.
   */
  setPeers(peers: readonly Peer[]): void;
  /**
   * Queues one encoded peer message. False when it was dropped because the link is not open or its
   * queue is full.
   */
  send(to: NodeId, message: Uint8Array): boolean;
  /** Closes the link on which we hear `peer`: it must greet us anew. `reason` is for the log. */
  disconnect(peer: NodeId, reason: string): void;
  links(): readonly LinkStatus[];
  /** Sends what is queued, as far as peers take it, then closes everything. */
  stop(): Promise<void>;
}
