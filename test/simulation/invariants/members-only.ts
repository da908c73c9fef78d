import { isVoter, trustedDisk } from "../../../src/machines/raft/context";
import { contextOf, type Invariant } from "../invariant";

/**
 * I18: a node meets only members of its cluster, on the disks that the cluster knows them by,
 * whichever of the two has dialled.
 */
export const membersOnly: Invariant = {
  name: "I18 members only",
  watch: ({ cluster }, violate) => ({
    onMet(node, { clusterId, diskId, nodeId }) {
      const context = contextOf(node);
      const isMember = clusterId === cluster.recipe.clusterId && isVoter(context, nodeId);
      const trusted = trustedDisk(context, nodeId);
      if (isMember && nodeId !== node.id && (trusted ?? diskId) === diskId) return;
      violate(`node ${node.id} meets node ${nodeId} of cluster ${clusterId} on disk ${diskId}`);
    },
  }),
};
