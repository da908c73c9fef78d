/** Snapshots that the disk has changed (promises 4 and 5): noticed, said, and stood in for. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { itemsOf, writeBulk } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import type { NodeProcess } from "../harness/node-process";

const KEYS = 500;
/** So large that each round fills a segment worth being removed. */
const VALUE_BYTES = 3_000;
const SNAPSHOTS = 3;
const EXIT_MS_MAX = 10_000;
const STOPPED_BY_A_FAULT = 1;

/** Newest first. */
const snapshotsOf = (node: NodeProcess) =>
  readdirSync(node.options.dataDirectory)
    .filter((name) => /^snapshot-.*\.balsa$/.test(name))
    .sort()
    .reverse()
    .map((name) => node.dataPath(name));

function flipBit(path: string, part = 0.5): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length * part);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** Some snapshots, each of other data, and a log behind the last. */
async function fill(cluster: Cluster): Promise<void> {
  for (let round = 0; round <= SNAPSHOTS; round++) {
    await writeBulk(cluster, { writes: KEYS, keys: KEYS, valueBytes: VALUE_BYTES });
    if (round === SNAPSHOTS) return;
    for (const node of cluster.running) {
      const reply = await cluster.ask(node, (client) => client.snapshot());
      expect(reply.ok).toBe(true);
    }
  }
}

const linesSince = (node: NodeProcess, before: string) => node.log().slice(before.length);

/** A node alone: nobody could give back what its disk has lost. */
for (const [where, part] of [
  ["the head", 0],
  ["the middle", 0.5],
  ["the end", 0.99999],
] as const) {
  test(`a bit flipped in ${where} of the newest snapshot: said, and the one before is used`, () =>
    withCluster({ size: 1 }, async (cluster) => {
      const node = cluster.node(1);
      await fill(cluster);
      const held = await itemsOf(cluster, node);
      const before = node.log();
      await node.kill();
      const [newest, older] = snapshotsOf(node);
      if (!newest || !older) throw new Error("two snapshots are kept");
      flipBit(newest, part);

      node.start();
      await cluster.writable();
      const said = linesSince(node, before);
      expect(said).toMatch(new RegExp(` warn .*${newest}.*damaged`));
      expect(said).toContain(` snapshot=${Number(older.match(/snapshot-(\d+)/)?.[1])} `);
      const now = await itemsOf(cluster, node);
      expect(now.filter(({ key }) => key !== "probe")).toEqual(
        held.filter(({ key }) => key !== "probe"),
      );

      // It goes on as ever: the next snapshot is taken, and found again.
      expect((await cluster.ask(node, (client) => client.snapshot())).ok).toBe(true);
      const settled = await itemsOf(cluster, node);
      await node.kill();
      node.start();
      await cluster.leader();
      expect(await itemsOf(cluster, node)).toEqual(settled);
    }));
}

test("both snapshots damaged: exit code 1, one line that names them; the others carry on", () =>
  withCluster({}, async (cluster) => {
    await fill(cluster);
    const [node] = cluster.others(await cluster.leader());
    if (!node) throw new Error("a cluster of one");
    const before = node.log();
    await node.kill();
    const paths = snapshotsOf(node);
    expect(paths).toHaveLength(2);
    for (const path of paths) flipBit(path);

    for (let start = 0; start < 2; start++) {
      node.start();
      expect(await node.exitCode(EXIT_MS_MAX)).toBe(STOPPED_BY_A_FAULT);
    }
    const lines = linesSince(node, before).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toContain("snapshot_corrupted");
      for (const path of paths) expect(line).toContain(path);
    }
    // Whoever looks into it finds everything as it was.
    expect(snapshotsOf(node)).toEqual(paths);
    await cluster.writable();
  }));
