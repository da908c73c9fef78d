/**
 * The network between simulated nodes: what is common to both kinds of it. `MessageNetwork` carries
 * whole messages, which it may also drop, repeat and reorder; `StreamNetwork` carries bytes, under
 * the production links.
 */
import type { Transport, TransportHandlers } from "../actors/transport";
import { assert } from "../assert";
import type { Hello, Refusal } from "../messages";
import { type Address, type NodeId, nodeId } from "../types";
import type { Life } from "./life";
import { Reachability } from "./reachability";
import type { Seeded } from "./seeded";
import type { VirtualClock } from "./virtual-clock";

/** How bad the network is. Probabilities are per message, on streams per chunk. */
export interface NetworkFaults {
  readonly delayMsMean: number;
  /** A stream sends again what was lost: there it only comes late. */
  readonly dropProbability: number;
  /** Only of Raft's own messages: requests travel at most once, as their streams promise. */
  readonly repeatProbability: number;
  /** How late a repeated message may come: into other terms, other lives. */
  readonly repeatDelayMsMax: number;
  /** Whether a link delivers in the order of sending. Streams always do. */
  readonly keepsOrder: boolean;
  /** How long an end of a broken link may go on believing in it; streams ask the links. */
  readonly silenceMsMax: number;
  /** Of streams only: the most that arrives at once. Units: bytes. */
  readonly chunkBytesMax: number;
  /** Of streams only: what a stream holds before it takes no more. Units: bytes. */
  readonly sendBufferBytesMax: number;
}
export const calmNetwork: NetworkFaults = {
  delayMsMean: 0.5,
  dropProbability: 0,
  repeatProbability: 0,
  repeatDelayMsMax: 0,
  keepsOrder: true,
  silenceMsMax: 3000,
  chunkBytesMax: 64 * 1024,
  sendBufferBytesMax: 256 * 1024,
};

/** Where a node is placed when it is made. */
export const homeOf = (id: NodeId): Address => `node-${id}:9080`;

/** How soon a reset is heard where the way is free. Units: ms. */
export const RESET_DELAY_MS = 1;

/** What the network is asked to carry, before it decides anything. */
export interface Sending {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Uint8Array;
  /** The connection that carries it; null where there are only messages. */
  readonly connection: number | null;
}

export interface NetworkOptions {
  readonly clock: VirtualClock;
  readonly random: Seeded;
  /** Whether a message may arrive twice. */
  isRepeatable(message: Uint8Array): boolean;
  /** May throw: the sender dies in the middle of sending. */
  onSend(sending: Sending): void;
}

/** The number of nobody: whom a dial reaches where no node is, and as whom strangers dial. */
export const NOBODY = nodeId(0);

/** One process on the network, for one life. */
export interface Endpoint {
  readonly id: NodeId;
  readonly life: Life;
  handlers: TransportHandlers | null;
}

export abstract class SimulatedNetwork<Place extends Endpoint = Endpoint> extends Reachability {
  faults: NetworkFaults = calmNetwork;
  /** The last life of every node. */
  protected readonly endpoints = new Map<NodeId, Place>();
  /** Where each node is, and the other way round. */
  readonly #addresses = new Map<NodeId, Address>();
  readonly #nodes = new Map<Address, NodeId>();

  constructor(protected readonly options: NetworkOptions) {
    super(options.clock);
  }

  /** From now on the node is found here, and where it was before nobody is. */
  place(id: NodeId, address: Address): void {
    const before = this.#addresses.get(id);
    if (before !== undefined && this.#nodes.get(before) === id) this.#nodes.delete(before);
    this.#addresses.set(id, address);
    this.#nodes.set(address, id);
  }

  /** Whom a dial to this address reaches. */
  protected nodeAt(address: Address): NodeId {
    return this.#nodes.get(address) ?? NOBODY;
  }

  /** Where it is now. */
  addressOf(id: NodeId): Address {
    const address = this.#addresses.get(id);
    assert(address !== undefined, `node ${id} has a place on the network`);
    return address;
  }

  /** A port to this network for one life of a node that has a place on it. */
  abstract transportOf(id: NodeId, life: Life): Transport;

  /** Breaks the link `from → to` for once. */
  abstract reset(from: NodeId, to: NodeId): void;

  /**
   * The open link by which `from` reaches the process that `to` is now: another object each time
   * it is opened. null while there is none, though `from` may believe in one.
   */
  abstract linkOf(from: NodeId, to: NodeId): object | null;

  /** The connection that a node reads just now; null where there are only messages. */
  abstract readingOf(id: NodeId): number | null;

  /** A stranger greets a node and hears its answer, if it gives one. null lets the stranger in. */
  abstract knock(to: NodeId, hello: Hello, onAnswer: (refusal: Refusal | null) => void): void;

  /** The process is gone. A dead machine, other than a dead process, resets nothing. */
  abstract onProcessGone(id: NodeId, how: "killed" | "powerLost"): void;

  /** How `id` greets, or null while it does not run. */
  helloOf(id: NodeId): Hello | null {
    return this.handlersOf(id)?.hello() ?? null;
  }

  /** Of the process under this id; null while it does not run. */
  protected handlersOf(id: NodeId): TransportHandlers | null {
    const endpoint = this.endpoints.get(id);
    return endpoint?.life.isRunning ? endpoint.handlers : null;
  }

  /** Does something to a process, in this event; one that is paused finds it when it goes on. */
  happenTo(life: Life, work: () => void): void {
    if (life.isPaused) this.clock.schedule(0, work, life);
    else life.run(work);
  }
}
