/** Counts what goes to each peer and what comes from it, by kind: two additions a message. */
import type { Transport, TransportHandlers } from "../actors/transport";
import { KIND_MAX, kindNames, kindOf } from "../codec/message-kinds";
import type { NodeId } from "../types";

/** Since the start, by the name of the kind; and `bytes` of them all. */
export type Counted = Readonly<Record<string, number>>;

class Tally {
  /** Floats, because they are exact far beyond 2^32. */
  readonly #kinds = new Float64Array(KIND_MAX + 1);
  #bytes = 0;

  add(message: Uint8Array): void {
    const kind = kindOf(message);
    this.#kinds[kind] = (this.#kinds[kind] ?? 0) + 1;
    this.#bytes += message.length;
  }

  read(): Counted {
    const counts = kindNames.map(([name, kinds]) => [
      name,
      kinds.reduce((sum, kind) => sum + (this.#kinds[kind] ?? 0), 0),
    ]);
    return { ...Object.fromEntries(counts), bytes: this.#bytes };
  }
}

class Tallies {
  readonly #tallies = new Map<NodeId, Tally>();

  of(peer: NodeId): Tally {
    let tally = this.#tallies.get(peer);
    if (tally === undefined) {
      tally = new Tally();
      this.#tallies.set(peer, tally);
    }
    return tally;
  }
}

export class MessageCounts {
  readonly #sent = new Tallies();
  readonly #received = new Tallies();

  sentTo(peer: NodeId): Counted {
    return this.#sent.of(peer).read();
  }
  receivedFrom(peer: NodeId): Counted {
    return this.#received.of(peer).read();
  }

  /** The same way to the network, with what goes over it counted. */
  over(transport: Transport): Transport {
    const counted = (handlers: TransportHandlers): TransportHandlers => ({
      ...handlers,
      onMessage: (from, message) => {
        this.#received.of(from.nodeId).add(message);
        handlers.onMessage(from, message);
      },
    });
    return {
      start: (handlers) => transport.start(counted(handlers)),
      send: (to, message) => {
        const isTaken = transport.send(to, message);
        if (isTaken) this.#sent.of(to).add(message);
        return isTaken;
      },
      setPeers: (peers) => transport.setPeers(peers),
      disconnect: (peer, reason) => transport.disconnect(peer, reason),
      links: () => transport.links(),
      stop: () => transport.stop(),
    };
  }
}
