/** One node's disk is slow: a follower's, then the leader's. */
import { type Load, setsOfNewKeys } from "../load/load";
import type { HttpCluster, HttpNode } from "../peers/http-cluster";
import { inTurns } from "../rounds";
import { mediansOf, metricsOf, type Scenario } from "../scenario";

const VARIANTS = ["none", "a follower's", "the leader's"] as const;
type Variant = (typeof VARIANTS)[number];
/** Until what was under way when the disk changed is done. Units: ms. */
const SETTLE_MS = 500;
/** What a node says of a slow disk, on a line of its log. */
const TOLD = /disk is slow|slow disk|slow sync/i;

const load: Omit<Load, "seconds"> = setsOfNewKeys;

async function nodeOf(cluster: HttpCluster, variant: Variant): Promise<HttpNode | null> {
  if (variant === "none") return null;
  const leader = await cluster.leader();
  return variant === "the leader's" ? leader : cluster.followerOf(leader);
}

/** Slows the disk of `node` while `work` goes on. */
async function withSlowDisk<Result>(node: HttpNode | null, work: () => Promise<Result>) {
  node?.signal("SIGUSR2");
  await Bun.sleep(SETTLE_MS);
  try {
    return await work();
  } finally {
    node?.signal("SIGUSR2");
    await Bun.sleep(SETTLE_MS);
  }
}

const timesTold = (node: HttpNode | null) =>
  node === null
    ? 0
    : node
        .log()
        .split("\n")
        .filter((line) => TOLD.test(line)).length;

async function measure(cluster: HttpCluster, variant: Variant, seconds: number) {
  const node = await nodeOf(cluster, variant);
  const told = timesTold(node);
  const term = await cluster.term();
  const report = await withSlowDisk(node, () => cluster.drive({ ...load, seconds }));
  return {
    ...metricsOf(report, cluster),
    elections: (await cluster.term()) - term,
    slowSyncsTold: timesTold(node) - told,
  };
}

const scenario: Scenario = {
  name: "slow-disk",
  place: 100,
  title: "A slow disk",
  about:
    "Sets of new keys at 64 connections while every `fdatasync` of one node takes 20 ms longer " +
    "(`bench/slow-node.ts`), in turns with the same nodes on their ordinary disks.",
  axis: "slow disk",
  columns: mediansOf("ratePerSecond", "p50Ms", "p99Ms", "elections", "slowSyncsTold"),
  plots: [{ kind: "bars", metric: "ratePerSecond" }],
  run: (lab) =>
    lab.withCluster("balsa", { entry: "bench/slow-node.ts" }, async (cluster) => {
      const { rounds, seconds, warmUpSeconds } = lab.effort;
      await lab.drive(cluster, { ...load, seconds: warmUpSeconds }, "slow-disk warm-up");
      await inTurns({ rounds, variants: VARIANTS, contestants: [cluster] }, async (turn) => {
        const { round, variant } = turn;
        const metrics = await lab.undisturbed(() => measure(cluster, variant, seconds));
        lab.record({ scenario: "slow-disk", variant, peer: "balsa", round, metrics });
      });
    }),
};
export default scenario;
