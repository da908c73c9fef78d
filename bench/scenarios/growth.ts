/** Sets while more and more keys are present, and the memory that these take. */
import type { ClusterName, Lab } from "../lab";
import { setsOfNewKeys, VALUE_BYTES } from "../load/load";
import type { HttpCluster } from "../peers/http-cluster";
import { inTurns } from "../rounds";
import { mediansOf, metricsOf, type Scenario } from "../scenario";

const SIZES = [1_000, 100_000, 1_000_000];
const QUICK_SIZES = [1_000, 5_000, 20_000];
/** A heap settles after a fill before its size says anything. Units: ms. */
const SETTLE_MS = 10_000;
const QUICK_SETTLE_MS = 1_000;

const name = "growth";
const inWords = (keys: number) => keys.toLocaleString("en-US");
const loadOn = (keys: number) =>
  ({ ...setsOfNewKeys, keys: { kind: "present", count: keys } }) as const;

/** Fills a cluster, and tells what a node of it then weighs. */
async function fill(lab: Lab, cluster: HttpCluster, keys: number): Promise<void> {
  await cluster.fill(keys, VALUE_BYTES);
  const { isQuick, warmUpSeconds } = lab.effort;
  await Bun.sleep(isQuick ? QUICK_SETTLE_MS : SETTLE_MS);
  const bytesPerNode = cluster.usage().residentBytes / cluster.nodes.length;
  const metrics = { bytesPerNode };
  lab.record({ scenario: name, variant: inWords(keys), peer: cluster.name, round: 1, metrics });
  await lab.drive(cluster, { ...loadOn(keys), seconds: warmUpSeconds }, `${name} warm-up`);
}

/** Three clusters of one product, of different sizes, in turns. */
async function grow(lab: Lab, peer: ClusterName): Promise<void> {
  const { isQuick, rounds, seconds } = lab.effort;
  const sizes = isQuick ? QUICK_SIZES : SIZES;
  const options = sizes.map(() => ({}));
  await lab.withClusters(peer, options, async (clusters) => {
    const contestants = clusters.map((cluster, at) => ({ cluster, keys: sizes[at] ?? 0 }));
    for (const { cluster, keys } of contestants) await fill(lab, cluster, keys);
    await inTurns({ rounds, variants: [name], contestants }, async ({ round, contestant }) => {
      const { cluster, keys } = contestant;
      const variant = inWords(keys);
      const report = await lab.drive(cluster, { ...loadOn(keys), seconds }, `${name} ${variant}`);
      const metrics = { ...metricsOf(report, cluster), keys };
      lab.record({ scenario: name, variant, peer, round, metrics });
    });
  });
}

const scenario: Scenario = {
  name,
  place: 70,
  title: "Growth",
  about:
    "Sets of present keys at random, at 64 connections, so that their number stays what it is. " +
    "Each product runs three clusters, one of each size, which are measured in turns. Memory is " +
    "that of a node right after its keys were set for the first time.",
  axis: "keys",
  columns: mediansOf("ratePerSecond", "p50Ms", "p99Ms", "cpuMsPerThousand", "bytesPerNode"),
  plots: [
    { kind: "bars", metric: "ratePerSecond" },
    { kind: "bars", metric: "bytesPerNode" },
  ],
  async run(lab) {
    for (const peer of ["balsa", "etcd"] as const) await grow(lab, peer);
  },
};
export default scenario;
