import { trustedDisk } from "../../../src/machines/raft/context";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import type { Hello } from "../../../src/messages";
import type { SimulatedNode } from "../../../src/simulation/node";
import { isRaftMessage } from "../../../src/simulation/observer";
import type { NodeId } from "../../../src/types";
import type { Invariant } from "../invariant";

/** Of one peer: the newest life that a process has met, and the disk it came with. */
type Met = Pick<Hello, "nodeId" | "diskId" | "incarnation">;

/**
 * I18: what a peer said in an earlier life, or on a disk that is not its own, changes nothing in a
 * node that knows better. It knows a peer's present life for as long as its own link to it is open.
 */
export const earlierLives: Invariant = {
  name: "I18 earlier lives change nothing",
  watch: (_, violate) => {
    const met = new Map<SimulatedNode, Map<NodeId, Met>>();
    const isOver = (node: SimulatedNode, { diskId, incarnation, nodeId }: Met): boolean => {
      const present = met.get(node)?.get(nodeId);
      return present?.diskId === diskId && incarnation < present.incarnation;
    };
    let before: RaftContext | undefined;
    return {
      onBooted: (node) => met.set(node, new Map()),
      onMet(node, hello) {
        if (!isOver(node, hello)) met.get(node)?.set(hello.nodeId, hello);
      },
      onLost: (node, peer) => met.get(node)?.delete(peer),
      onReceiving(node) {
        before = node.running?.actor.raft.context;
      },
      onReceived(node, from, message) {
        const after = node.running?.actor.raft.context;
        if (!after || !before || after === before || !isRaftMessage(message)) return;
        const trusted = trustedDisk(before, from.nodeId);
        const isForeign = trusted !== null && trusted !== from.diskId;
        if (!isForeign && !isOver(node, from)) return;
        violate(`node ${node.id} heeds life ${from.incarnation} of node ${from.nodeId}`);
      },
    };
  },
};
