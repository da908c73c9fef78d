/** `GET /cluster/status` in the seed's words. */
import type { ClusterStatus, NodeStatus } from "../actors/node-handle";

/** The cluster as this node knows it, as JSON; null is "never heard". */
export function statusJson(status: ClusterStatus): string {
  const { clusterId, term, leaderId, quorum, nodes } = status;
  const leader = nodes.find(({ id }) => id === leaderId);
  return JSON.stringify({
    cluster_id: clusterId,
    term,
    leader: leaderId === null ? null : { id: leaderId, address: leader?.apiAddress ?? null },
    quorum,
    nodes: nodes.map((node) => nodeJson(node, nodes)),
  });
}

const nodeJson = (node: NodeStatus, nodes: readonly NodeStatus[]) => ({
  id: node.id,
  address: node.apiAddress,
  peer_address: node.peerAddress,
  peers: nodes.filter(({ id }) => id !== node.id).map(({ peerAddress }) => peerAddress),
  role: node.role,
  healthy: node.healthy,
  voter: node.voter,
  term: node.term,
  commit_index: node.commitIndex,
  applied_index: node.appliedIndex,
  last_log_index: node.lastLogIndex,
  snapshot_index: node.snapshotIndex,
  // Only while there is something to tell.
  ...(node.installing && {
    installing: {
      snapshot_index: node.installing.snapshotIndex,
      received_bytes: node.installing.receivedBytes,
      total_bytes: node.installing.totalBytes,
    },
  }),
  last_contact_ms: node.lastContactMs,
});
