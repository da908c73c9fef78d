/** A node that joins with much to catch up on is promoted by itself, and hardly anybody notices. */
import { expect, test } from "bun:test";
import { seededRandom } from "../../seeded-random";
import { ApiClient } from "../harness/api-client";
import { bulkKey, sameContents } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { pause } from "../harness/deadline";
import { foundedWith } from "../harness/founding-data";
import { becomes, change, peerAddressOf, shrink } from "../harness/members";
import { isFullSize, sized } from "../harness/size";

const KEYS = sized(50_000, 1_000_000);
const VALUE = "x".repeat(100);
const CLIENTS = 16;
const THINK_MS = 5;
const JOINS = sized(2, 3);
const MEASURED_MS = sized(2_000, 6_000);
/** Of the rate before; the newcomer runs on the same two cores, and in the suite much else. */
const RATE_KEPT_MIN = isFullSize ? 0.7 : 0.4;
const flags = isFullSize ? [] : ["--election-timeout", "1500ms"];

/** What was written in how long. */
class Period {
  written = 0;
  tookMs = 0;

  /** Writes a second. */
  get rate(): number {
    return (this.written * 1_000) / this.tookMs;
  }
}

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

  /** Notes what is written while `act` is under way. */
  async during<T>(period: Period, act: () => Promise<T>): Promise<T> {
    const [startMs, before] = [performance.now(), this.written];
    const result = await act();
    period.written += this.written - before;
    period.tookMs += performance.now() - startMs;
    return result;
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.living);
  }
}

test(`nodes join ${KEYS} keys behind, are promoted by themselves, and writes go on`, () =>
  withCluster(foundedWith({ keys: KEYS, valueBytes: 100 }, flags), async (cluster) => {
    const via = await cluster.leader();
    const { term } = await cluster.status(via);
    const writers = new Writers(cluster);
    const [without, joining] = [new Period(), new Period()];
    // What comes first, caches and compilers warming up, counts for neither.
    await pause(MEASURED_MS);
    for (let id = 4; id < 4 + JOINS; id++) {
      await writers.during(without, () => pause(MEASURED_MS));
      const node = cluster.newcomer(id, flags);
      const startMs = performance.now();
      await writers.during(joining, async () => {
        const body = { id, peer_address: peerAddressOf(node) };
        await change(cluster, via, "POST", "members", { body });
        node.start();
        await becomes(cluster, { node, via }, "voter");
      });
      console.log(`node ${id} votes after ${Math.round(performance.now() - startMs)} ms`);
      expect(node.log()).toContain("installed a snapshot from the leader");
      cluster.admit(node);
      if (id < 3 + JOINS) await shrink(cluster, node, via);
      await writers.during(without, () => pause(MEASURED_MS));
    }
    await writers.stop();
    const [usual, meanwhile] = [without.rate, joining.rate].map(Math.round);
    console.log(`writes a second: ${usual} without a newcomer, ${meanwhile} with one`);

    expect(writers.failures).toEqual([]);
    expect(joining.rate).toBeGreaterThan(without.rate * RATE_KEPT_MIN);
    expect((await cluster.status(via)).term).toBe(term);
    await cluster.caughtUp();
    await sameContents(cluster);
  }));
