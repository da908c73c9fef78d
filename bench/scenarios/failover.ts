/** The leader dies; when is the next write done? */
import { eventually } from "../../test/cluster/harness/deadline";
import type { ClusterName, Lab } from "../lab";
import type { HttpCluster, HttpNode } from "../peers/http-cluster";
import type { Scenario } from "../scenario";

const KILLS = 50;
const QUICK_KILLS = 3;
/** How often a client of the other nodes tries. Units: ms. */
const TRY_EVERY_MS = 20;
/** A try that began without a leader may hang: it is given up before there are too many. */
const TRY_TIMEOUT_MS = 1_000;
const FAILOVER_MS_MAX = 30_000;
/** Between two kills: everyone is back, and nobody is killed in step with the heartbeats. */
const REST_MS_MIN = 500;
const REST_MS_SPREAD = 500;

/** Keeps trying to write through both, and answers when the first try has succeeded. Units: ms. */
async function firstWrite(nodes: readonly HttpNode[]): Promise<number> {
  const startMs = performance.now();
  let doneMs: number | null = null;
  const tries: Promise<void>[] = [];
  const tryOnce = async (node: HttpNode) => {
    try {
      await node.write("failover", "done", TRY_TIMEOUT_MS);
      doneMs ??= performance.now();
    } catch {
      // No leader, or no answer in time: the next try is under way already.
    }
  };
  while (doneMs === null && performance.now() - startMs < FAILOVER_MS_MAX) {
    tries.push(...nodes.map(tryOnce));
    await Bun.sleep(TRY_EVERY_MS);
  }
  await Promise.all(tries);
  if (doneMs === null) throw new Error(`no write for ${FAILOVER_MS_MAX} ms`);
  return doneMs - startMs;
}

async function killLeader(cluster: HttpCluster): Promise<number> {
  const leader = await cluster.leader();
  const others = cluster.nodes.filter((node) => node !== leader);
  await leader.kill();
  const failoverMs = await firstWrite(others);
  leader.start();
  await eventually("everyone to be back", FAILOVER_MS_MAX, async () => {
    await cluster.leader();
    await leader.write("back", "yes", TRY_TIMEOUT_MS);
    return true;
  });
  return failoverMs;
}

async function measure(lab: Lab, peer: ClusterName): Promise<void> {
  await lab.withCluster(peer, {}, async (cluster) => {
    const kills = lab.effort.isQuick ? QUICK_KILLS : KILLS;
    for (let round = 1; round <= kills; round++) {
      const failoverMs = await lab.undisturbed(() => killLeader(cluster));
      const metrics = { failoverMs };
      lab.record({ scenario: "failover", variant: "kill -9", peer, round, metrics });
      await Bun.sleep(REST_MS_MIN + Math.random() * REST_MS_SPREAD);
    }
  });
}

const scenario: Scenario = {
  name: "failover",
  place: 90,
  title: "Failover",
  about:
    "The leader is killed with `kill -9`, 50 times; the time runs from then until a write by one " +
    "of the others has succeeded. Both products with their default timeouts: Balsa waits 500 " +
    "to 1,000 ms for its leader, etcd 1,000 to 2,000 ms.",
  axis: "leader",
  columns: [0.5, 0.9, 1].map((quantile) => ({ metric: "failoverMs", quantile })),
  plots: [{ kind: "distribution", metric: "failoverMs" }],
  async run(lab) {
    for (const peer of ["balsa", "etcd"] as const) await measure(lab, peer);
  },
};
export default scenario;
