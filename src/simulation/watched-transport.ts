import type { Transport, TransportHandlers } from "../actors/transport";
import type { SimulatedNode } from "./node";
import type { Observers } from "./observer";

/** The same way to the network, with everybody told what arrives on it. */
export function watchTransport(
  transport: Transport,
  node: SimulatedNode,
  observers: Observers,
): Transport {
  const watched = (handlers: TransportHandlers): TransportHandlers => ({
    ...handlers,
    onMet(hello) {
      observers.met(node, hello);
      handlers.onMet(hello);
    },
    onLost(peer, reason) {
      observers.lost(node, peer, reason);
      handlers.onLost(peer, reason);
    },
    onUnheard(peer) {
      observers.unheard(node, peer);
      handlers.onUnheard?.(peer);
    },
    onFault(remote, reason) {
      observers.fault(node, reason);
      handlers.onFault?.(remote, reason);
    },
    onMessage(from, message) {
      observers.receiving(node, from, message);
      handlers.onMessage(from, message);
      observers.received(node, from, message);
    },
  });
  return {
    start: (handlers) => transport.start(watched(handlers)),
    setPeers: (peers) => transport.setPeers(peers),
    send: (to, message) => transport.send(to, message),
    disconnect: (peer, reason) => transport.disconnect(peer, reason),
    links: () => transport.links(),
    stop: () => transport.stop(),
  };
}
