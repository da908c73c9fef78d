import type { SimulatedNode } from "../../../src/simulation/node";
import type { NodeId } from "../../../src/types";
import type { Invariant } from "../invariant";

/** By peer: the connection in use, of whose end nothing was told yet. */
type InUse = Map<NodeId, number>;

/**
 * What the transport promises of a link's end: the node is told before it speaks to the peer, or
 * hears it, on another connection. Whoever waits for an answer there waits in vain otherwise.
 */
export const linksTellTheirEnd: Invariant = {
  name: "T2 links tell their end",
  watch: ({ cluster }, violate) => {
    const spoken = new Map<SimulatedNode, InUse>();
    const heard = new Map<SimulatedNode, InUse>();
    const use = (inUse: InUse | undefined, peer: NodeId, connection: number, who: string) => {
      const before = inUse?.get(peer) ?? connection;
      if (before !== connection) violate(`${who} ${peer}, and was not told the end of ${before}`);
      inUse?.set(peer, connection);
    };
    return {
      onBooted(node) {
        spoken.set(node, new Map());
        heard.set(node, new Map());
      },
      onSent(node, { connection, to }) {
        if (connection === null) return;
        use(spoken.get(node), to, connection, `node ${node.id} speaks on ${connection} to`);
      },
      onReceiving(node, from) {
        const connection = cluster.network.readingOf(node.id);
        if (connection === null) return;
        use(heard.get(node), from.nodeId, connection, `node ${node.id} hears on ${connection} of`);
      },
      onLost: (node, peer) => spoken.get(node)?.delete(peer),
      onUnheard: (node, peer) => heard.get(node)?.delete(peer),
    };
  },
};
