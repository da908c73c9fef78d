/** What clients feel of snapshots: hardly anything. Periods with and without them take turns. */
import { expect, test } from "bun:test";
import { seededRandom } from "../../seeded-random";
import { ApiClient } from "../harness/api-client";
import { bulkKey } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { pause } from "../harness/deadline";
import { foundedWith } from "../harness/founding-data";
import { isFullSize, sized } from "../harness/size";

const KEYS = sized(100_000, 1_000_000);
const CLIENTS = 16;
const THINK_MS = 5;
const VALUE = "x".repeat(100);
const PERIODS = 8;
const PERIOD_MS = sized(2_000, 15_000);

/** How much worse it may be with snapshots. */
const P999_MORE_MS_MAX = 100;
const WORST_MORE_MS_MAX = 250;
/** In the suite the machine is busy with other things, and that is no fault of a snapshot. */
const NOISE_RATIO = isFullSize ? 1 : 2.5;
const flags = isFullSize ? [] : ["--election-timeout", "2s"];

class Latencies {
  private readonly ms: number[] = [];

  add(ms: number): void {
    this.ms.push(ms);
  }
  get count(): number {
    return this.ms.length;
  }
  /** The value that a part of all keeps to; 1 for the worst. */
  quantile(part: number): number {
    const sorted = this.ms.sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  }
  toString(): string {
    const [p50, p999, worst] = [0.5, 0.999, 1].map((part) => this.quantile(part).toFixed(1));
    return `${this.count} requests, p50 ${p50} ms, p99.9 ${p999} ms, worst ${worst} ms`;
  }
}

/** Reads and writes keys until `isOver`; each request counts for the period it began in. */
async function live(
  port: number,
  { into, isOver, keyAt }: { into(): Latencies; isOver(): boolean; keyAt(): number },
): Promise<void> {
  const client = new ApiClient(port);
  for (let at = 0; !isOver(); at++) {
    const latencies = into();
    const key = bulkKey(keyAt());
    const startMs = performance.now();
    const reply = at % 3 === 0 ? await client.get(key) : await client.set(key, VALUE);
    latencies.add(performance.now() - startMs);
    if (!reply.ok) throw new Error(`${reply.code} ${reply.detail}`);
    await pause(THINK_MS);
  }
  client.close();
}

/** Has the nodes take snapshots in turn, one always under way; answers how many. */
async function snapshotsFor(cluster: Cluster, ms: number): Promise<number> {
  const endMs = performance.now() + ms;
  let taken = 0;
  while (performance.now() < endMs) {
    const reply = await cluster.ask(cluster.inTurn(), (client) => client.snapshot());
    if (!reply.ok) throw new Error(`${reply.code} ${reply.detail}`);
    taken++;
  }
  return taken;
}

test(`while snapshots of ${KEYS} keys are taken under load nobody waits, and nobody votes`, () =>
  withCluster(foundedWith({ keys: KEYS, valueBytes: 100 }, flags), async (cluster) => {
    const { below } = seededRandom("latency");
    const { term } = await cluster.status(await cluster.leader());
    const [without, during] = [new Latencies(), new Latencies()];
    let current = new Latencies();
    let isOver = false;
    const load = { into: () => current, isOver: () => isOver, keyAt: () => below(KEYS) };
    const living = Array.from({ length: CLIENTS }, () => live(cluster.inTurn().apiPort, load));
    // What comes first, caches and compilers warming up, counts for neither.
    await pause(PERIOD_MS);
    let taken = 0;
    for (let period = 0; period < PERIODS; period++) {
      current = period % 2 === 0 ? without : during;
      if (current === without) await pause(PERIOD_MS);
      else taken += await snapshotsFor(cluster, PERIOD_MS);
    }
    isOver = true;
    await Promise.all(living);
    console.log(`without: ${without}\n${taken} snapshots: ${during}`);

    expect(taken).toBeGreaterThanOrEqual(PERIODS / 2);
    expect(during.quantile(0.999)).toBeLessThan(
      without.quantile(0.999) * NOISE_RATIO + P999_MORE_MS_MAX,
    );
    expect(during.quantile(1)).toBeLessThan(without.quantile(1) * NOISE_RATIO + WORST_MORE_MS_MAX);
    expect((await cluster.status(await cluster.leader())).term).toBe(term);
  }));
