import { configurationAt } from "../../../src/machines/raft/context";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import { isRaftMessage } from "../../../src/simulation/observer";
import { membersOf, type NodeId } from "../../../src/types";
import { contextOf, type Invariant } from "../invariant";

const committedIn = (context: RaftContext) =>
  configurationAt(context, context.commitIndex).configuration;

const isGone = (context: RaftContext, id: NodeId): boolean =>
  committedIn(context).removed.some((member) => member.id === id);

/**
 * I18: a node meets only nodes of its cluster, members on the disks that the cluster knows them by,
 * whichever of the two has dialled. One that its log does not know may have come while it was away
 * (Thesis §4.1); one that was removed, as far as it knows, changes nothing any more.
 */
export const membersOnly: Invariant = {
  name: "I18 members only",
  watch: ({ cluster }, violate) => {
    let before: RaftContext | undefined;
    return {
      onMet(node, { clusterId, diskId, nodeId }) {
        const context = contextOf(node);
        const member = membersOf(committedIn(context)).find(({ id }) => id === nodeId);
        const isOurs = clusterId === cluster.recipe.clusterId && !isGone(context, nodeId);
        if (isOurs && nodeId !== node.id && (member?.diskId ?? diskId) === diskId) return;
        violate(`node ${node.id} meets node ${nodeId} of cluster ${clusterId} on disk ${diskId}`);
      },
      onReceiving(node) {
        before = node.running?.actor.raft.context;
      },
      onReceived(node, { nodeId }, message) {
        const after = node.running?.actor.raft.context;
        if (!after || !before || after === before || !isRaftMessage(message)) return;
        if (isGone(before, nodeId)) violate(`node ${node.id} heeds node ${nodeId}, removed`);
      },
    };
  },
};
