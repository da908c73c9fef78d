/** A node comes back to a log that no snapshot shortens. */
import { eventually } from "../../test/cluster/harness/deadline";
import type { Lab } from "../lab";
import { VALUE_BYTES } from "../load/load";
import type { HttpCluster, HttpNode } from "../peers/http-cluster";
import { askJson } from "../peers/http-cluster";
import { inTurns } from "../rounds";
import { mediansOf, type Scenario } from "../scenario";

/** A log of 64 MiB is cut behind a snapshot whatever is configured: more does not come together. */
const LENGTHS = [1_000, 50_000, 100_000, 150_000];
const QUICK_LENGTHS = [1_000, 20_000];
const RECOVERY_MS_MAX = 60_000;
/** No snapshot while this goes on. */
const WITHOUT_SNAPSHOTS = ["--snapshot-entries", "1000000000", "--snapshot-interval", "1440m"];

interface Status {
  readonly nodes: readonly {
    readonly id: number;
    readonly last_log_index: number | null;
    readonly snapshot_index: number | null;
  }[];
}

/** How many entries a node's log has. Errors: a snapshot has shortened it. */
async function lengthOf(node: HttpNode): Promise<number> {
  const { nodes } = (await askJson(`${node.url}/cluster/status`)) as Status;
  const self = nodes.find(({ id }) => id === node.id);
  if (self === undefined || self.snapshot_index !== null) throw new Error("a snapshot was taken");
  return self.last_log_index ?? 0;
}

/** `kill -9`, a start, and the time from that start until the node is ready. Units: s. */
async function recover(node: HttpNode): Promise<number> {
  await node.kill();
  const startMs = performance.now();
  node.start();
  await eventually("a node to be ready", RECOVERY_MS_MAX, async () => {
    await askJson(`${node.url}/readyz`);
    return true;
  });
  return (performance.now() - startMs) / 1_000;
}

async function measure(lab: Lab, cluster: HttpCluster, round: number): Promise<void> {
  const node = cluster.followerOf(await cluster.leader());
  const entries = await lengthOf(node);
  const recoveryS = await lab.undisturbed(() => recover(node));
  const thousands = Math.round(entries / 1_000);
  const metrics = { entries, recoveryS, entriesPerSecond: entries / recoveryS };
  lab.record({ scenario: "recovery", variant: `${thousands},000`, peer: "balsa", round, metrics });
}

const scenario: Scenario = {
  name: "recovery",
  place: 80,
  title: "Recovery",
  about:
    "A follower is killed with `kill -9` and started again; the time runs from the start of the " +
    "process until `GET /readyz` says 200. Entries of 256-byte values, no snapshot. With the " +
    "default settings a log never gets much longer than 100,000 entries or 64 MiB.",
  axis: "log entries",
  columns: mediansOf("recoveryS", "entriesPerSecond"),
  plots: [{ kind: "line", metric: "recoveryS", over: "entries" }],
  async run(lab) {
    const { isQuick, rounds } = lab.effort;
    const lengths = isQuick ? QUICK_LENGTHS : LENGTHS;
    const options = lengths.map(() => ({ flags: WITHOUT_SNAPSHOTS }));
    await lab.withClusters("balsa", options, async (clusters) => {
      for (const [at, cluster] of clusters.entries()) {
        await cluster.fill(lengths[at] ?? 0, VALUE_BYTES);
      }
      await inTurns({ rounds, variants: [1], contestants: clusters }, (turn) =>
        measure(lab, turn.contestant, turn.round),
      );
    });
  },
};
export default scenario;
