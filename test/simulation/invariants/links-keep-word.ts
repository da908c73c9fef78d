import { crc32 } from "../../../src/codec/crc32";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { Incarnation, NodeId } from "../../../src/types";
import type { Invariant } from "../invariant";

/** What a connection was given to carry, and how much of it has been heard. */
interface Carried {
  readonly from: NodeId;
  readonly incarnation: Incarnation | undefined;
  readonly to: NodeId;
  /** Checksums of the messages, in the order of sending. */
  readonly messages: number[];
  heard: number;
}

/**
 * What the transport promises of a link: at most once, in order, nothing left out before the link
 * is lost, and all of it from the peer that greeted on it. A peer is heard on one link, the newest.
 */
export const linksKeepWord: Invariant = {
  name: "T1 links keep their word",
  watch: ({ cluster }, violate) => {
    const carried = new Map<number, Carried>();
    /** By sender and receiver: on which connection it was heard last. */
    const heardOn = new Map<string, number>();
    const blame = (node: SimulatedNode, reason: string) => {
      if (reason.startsWith("malformed")) violate(`node ${node.id} ends a link: ${reason}`);
    };
    return {
      onSent({ running }, { bytes, connection, from, to }) {
        if (connection === null) return;
        const { incarnation } = running?.identity ?? {};
        const known = carried.get(connection) ?? { from, incarnation, to, messages: [], heard: 0 };
        known.messages.push(crc32(bytes));
        carried.set(connection, known);
      },
      onReceiving(receiver, from, message) {
        const connection = cluster.network.readingOf(receiver.id);
        if (connection === null) return;
        const told = `node ${receiver.id} hears of node ${from.nodeId} on connection ${connection}`;
        const known = carried.get(connection);
        if (!known) return violate(`${told} what nobody sent`);
        if (known.from !== from.nodeId) return violate(`${told} what node ${known.from} sent`);
        if (known.incarnation !== from.incarnation) return violate(`${told} another life`);
        if (known.to !== receiver.id) return violate(`${told} what was sent to node ${known.to}`);
        const next = known.messages[known.heard++];
        if (next !== crc32(message)) violate(`${told} another message than its ${known.heard}th`);
        const pair = `${known.from}-${known.to}`;
        const newest = heardOn.get(pair) ?? 0;
        if (connection < newest) violate(`${told} though it was heard on ${newest} since`);
        heardOn.set(pair, connection);
      },
      // No stream of ours changes a byte: whoever finds its peer malformed has lost some itself.
      onLost: (node, _, reason) => blame(node, reason),
      onFault: (node, reason) => blame(node, reason),
    };
  },
};
