/** A node that joins with much to catch up on is promoted by itself, and hardly anybody notices. */
import { expect, test } from "bun:test";
import { seededRandom } from "../../seeded-random";
import { ApiClient } from "../harness/api-client";
import { bulkKey, digestOf, sameContents } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { pause } from "../harness/deadline";
import { foundedWith } from "../harness/founding-data";
import { becomes, change, peerAddressOf } from "../harness/members";
import { isFullSize, sized } from "../harness/size";

const KEYS = sized(50_000, 1_000_000);
const VALUE = "x".repeat(100);
const CLIENTS = 16;
const THINK_MS = 5;
const MEASURED_MS = sized(3_000, 15_000);
/** Of the rate before; the newcomer runs on the same two cores, and in the suite much else. */
const RATE_KEPT_MIN = isFullSize ? 0.7 : 0.4;
const flags = isFullSize ? [] : ["--election-timeout", "1500ms"];

/** Writes all the time, on the nodes that were there first, and counts. */
class Writers {
  written = 0;
  failures: string[] = [];
  private isOver = false;
  private readonly living: readonly Promise<void>[];

  constructor(cluster: Cluster) {
    const { below } = seededRandom("writers");
    this.living = Array.from({ length: CLIENTS }, async () => {
      const client = new ApiClient(cluster.inTurn().apiPort);
      while (!this.isOver) {
        const reply = await client.set(bulkKey(below(KEYS)), VALUE);
        if (reply.ok) this.written++;
        else this.failures.push(`${reply.code} ${reply.detail}`);
        await pause(THINK_MS);
      }
      client.close();
    });
  }

  /** Writes a second while `task` is under way. */
  async rateDuring(task: Promise<unknown>): Promise<number> {
    const [startMs, before] = [performance.now(), this.written];
    await task;
    return ((this.written - before) * 1_000) / (performance.now() - startMs);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.living);
  }
}

test(`a node joins ${KEYS} keys behind, is promoted by itself, and writes go on`, () =>
  withCluster(foundedWith({ keys: KEYS, valueBytes: 100 }, flags), async (cluster) => {
    const { term } = await cluster.status(await cluster.leader());
    const writers = new Writers(cluster);
    // What comes first, caches and compilers warming up, counts for nothing.
    await pause(MEASURED_MS);
    const before = await writers.rateDuring(pause(MEASURED_MS));

    const via = cluster.inTurn();
    const node = cluster.newcomer(4, flags);
    const startMs = performance.now();
    const joined = async () => {
      const body = { id: 4, peer_address: peerAddressOf(node) };
      await change(cluster, via, "POST", "members", { body });
      node.start();
      await becomes(cluster, { node, via }, "voter");
    };
    const during = await writers.rateDuring(joined());
    const joinedMs = Math.round(performance.now() - startMs);
    const after = await writers.rateDuring(pause(MEASURED_MS));
    await writers.stop();
    const rates = [before, during, after].map(Math.round).join(", ");
    console.log(`a voter after ${joinedMs} ms; writes/s before, during, after: ${rates}`);

    expect(node.log()).toContain("installed a snapshot from the leader");
    expect(writers.failures).toEqual([]);
    expect(during).toBeGreaterThan(before * RATE_KEPT_MIN);
    expect((await cluster.status(await cluster.leader())).term).toBe(term);
    cluster.admit(node);
    await cluster.writable([node]);
    await cluster.caughtUp();
    await sameContents(cluster);
    expect((await digestOf(cluster, node)).keys).toBeGreaterThanOrEqual(KEYS);
  }));
