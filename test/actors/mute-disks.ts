import { SimulatedCluster } from "../../src/simulation/cluster";
import type { NodeRecipe } from "../../src/simulation/cluster-parts";

/** Three nodes that agree on a leader; then no disk syncs any more: nothing can be decided. */
export function ledWithMuteDisks(seed: string, recipe: Partial<Pick<NodeRecipe, "limits">> = {}) {
  const cluster = new SimulatedCluster({ seed, nodes: 3, ...recipe });
  cluster.boot();
  cluster.runUntil(() => cluster.leader() !== null, 2000);
  cluster.run(200);
  const leader = cluster.leader();
  const follower = cluster.nodes.find((node) => node !== leader);
  if (!leader || !follower) throw new Error("nobody leads");
  for (const node of cluster.nodes) node.disk.syncDelayMs = () => null;
  return { cluster, follower, leader };
}
