/** Snapshots as one asks for them by hand: `POST /v1/snapshot`, and what one sees afterwards. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { sameContents, writeBulk } from "../harness/bulk";
import { Cluster, withCluster } from "../harness/cluster";
import { eventually, pause } from "../harness/deadline";
import { foundedWith } from "../harness/founding-data";
import type { NodeProcess } from "../harness/node-process";
import { mayMount, resizeDisk, withSmallDisks } from "../harness/small-disks";

const STOP_MS_MAX = 5_000;
/** So large that each round fills a segment worth being removed. */
const ROUND = { writes: 500, keys: 500, valueBytes: 3_000 };

const take = async (cluster: Cluster, node: NodeProcess) => {
  const reply = await cluster.ask(node, (client) => client.snapshot());
  if (!reply.ok) throw new Error(`node ${node.id}: ${reply.code} ${reply.detail}`);
  return reply.body;
};

/** A sample of `/metrics` without labels. */
async function metric(node: NodeProcess, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${node.apiPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

const temporaryFiles = (node: NodeProcess) =>
  readdirSync(node.options.dataDirectory).filter((name) => name.endsWith(".tmp"));

test("each node takes one, twice; the second is the first where nothing was written since", () =>
  withCluster({}, async (cluster) => {
    await writeBulk(cluster, ROUND);
    await cluster.caughtUp();
    for (const node of cluster.nodes) {
      const first = await take(cluster, node);
      const { applied_index, term } = await cluster.self(node);
      expect(first).toMatchObject({ node: node.id, index: applied_index, term });
      expect(await take(cluster, node)).toEqual(first);
      expect((await cluster.self(node)).snapshot_index).toBe(first.index);
      expect(await metric(node, "balsa_snapshot_index")).toBe(first.index);
      const digits = (value: number) => String(value).padStart(16, "0");
      const name = `snapshot-${digits(first.index)}-${digits(first.term)}.balsa`;
      expect(statSync(node.dataPath(name)).size).toBe(first.bytes);
    }
  }));

test("many ask at once while one is being written: each gets one that holds what it wrote", () =>
  withCluster({}, async (cluster) => {
    await writeBulk(cluster, ROUND);
    const node = await cluster.leader();
    const ends = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        await pause(at * 3);
        const written = await cluster.ask(node, (client) => client.set("asked", at));
        const taken = await take(cluster, node);
        return { written: written.ok ? written.body.index : Number.POSITIVE_INFINITY, taken };
      }),
    );
    for (const { taken, written } of ends) expect(taken.index).toBeGreaterThanOrEqual(written);
  }));

test("the log after compaction: it begins later, says so with 410, and the node is ready", () =>
  withCluster({}, async (cluster) => {
    for (let round = 0; round < 3; round++) {
      await writeBulk(cluster, ROUND);
      for (const node of cluster.nodes) await take(cluster, node);
    }
    await cluster.caughtUp();
    for (const node of cluster.nodes) {
      await cluster.ask(node, async (client) => {
        const page = await client.log("");
        const first = page.ok ? Number(page.body.items[0]?.index) : 0;
        expect(first).toBe((await metric(node, "balsa_log_base_index")) + 1);
        expect(first).toBeGreaterThan(ROUND.writes);
        for (const from of [1, first - 1]) {
          const gone = await client.log(`from=${from}`);
          expect(gone).toMatchObject({ status: 410, code: "compacted" });
          expect(!gone.ok && gone.detail).toContain(String(first));
        }
        expect(await client.log(`from=${first}&limit=1`)).toMatchObject({ ok: true });
        expect((await client.isReady()).ok).toBe(true);
      });
    }
    await sameContents(cluster);
  }));

test("a node without a quorum takes one of what it has applied, or says that it has nothing", () =>
  withCluster({}, async (cluster) => {
    const [one, two, three] = cluster.nodes;
    await Promise.all([two?.stop(), three?.stop()]);
    if (!one) throw new Error("a cluster of none");
    expect((await take(cluster, one)).index).toBeGreaterThan(0);

    const blank = new Cluster();
    try {
      const [first] = blank.nodes;
      if (!first) throw new Error("a cluster of none");
      first.start();
      const reply = await eventually("an answer", 10_000, async () => {
        const answer = await blank.ask(first, (client) => client.snapshot());
        return !answer.ok && answer.status === null ? null : answer;
      });
      expect(reply).toMatchObject({ ok: false, status: 503, code: "no_leader" });
      expect(first.isRunning).toBe(true);
    } finally {
      await blank.dispose();
    }
  }));

test("SIGTERM while a snapshot is written: exit code 0 within 5 s, no half file is used", () =>
  withCluster({ size: 1, ...foundedWith({ keys: 100_000, valueBytes: 100 }) }, async (cluster) => {
    const node = cluster.node(1);
    const asked = cluster.ask(node, (client) => client.snapshot());
    await eventually("a file that grows", 10_000, () => (temporaryFiles(node)[0] ? true : null));
    const startMs = performance.now();
    expect(await node.stop()).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(STOP_MS_MAX);
    await asked;
    node.start();
    await cluster.writable();
    expect(temporaryFiles(node)).toEqual([]);
  }));

test.skipIf(!mayMount)("a full disk: 507, nothing is left behind, and the node goes on", () =>
  withSmallDisks({ ids: [1, 2, 3], size: "size=128m" }, async (cluster) => {
    const value = { writes: 40, keys: 40, valueBytes: 200 * 1024 };
    await writeBulk(cluster, value);
    // A follower: a leader whose own disk is full refuses all sets, and does not hand over for it.
    const [node = cluster.node(1)] = cluster.others(await cluster.leader());
    // What else is on the disk leaves room for neither a snapshot nor, for long, the log.
    const ballast = join(node.options.dataDirectory, "ballast");
    const filled = Bun.spawnSync(["dd", "if=/dev/zero", `of=${ballast}`, "bs=64k"]);
    expect(filled.exitCode).not.toBe(0);
    expect(existsSync(ballast)).toBe(true);

    // The reserve is there for snapshots too; it is enough for the first of them alone.
    const ends = [];
    for (let round = 0; round < 4; round++) {
      ends.push(await cluster.ask(node, (client) => client.snapshot()));
      await writeBulk(cluster, { ...value, nodes: cluster.others(node) });
    }
    expect(ends.at(-1)).toMatchObject({ status: 507, code: "out_of_space" });
    expect(temporaryFiles(node).filter((name) => name.startsWith("snapshot"))).toEqual([]);
    expect(node.isRunning).toBe(true);
    await cluster.writable(cluster.others(node));
    const stale = await cluster.ask(node, (client) => client.get("probe", { stale: true }));
    expect(stale.ok).toBe(true);

    expect(resizeDisk(node, "size=256m")).toBe(true);
    await cluster.catchesUp(node, 30_000);
    expect((await cluster.ask(node, (client) => client.snapshot())).ok).toBe(true);
    await cluster.caughtUp();
    await sameContents(cluster);
  }),
);
