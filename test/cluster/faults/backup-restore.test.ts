/** A backup taken under load founds a new cluster, which nobody mistakes for the old one. */
import { expect, test } from "bun:test";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiClient, type KeyBody } from "../harness/api-client";
import { itemsOf, sameContents } from "../harness/bulk";
import { Cluster, withCluster } from "../harness/cluster";
import { eventually, pause } from "../harness/deadline";
import { NodeProcess } from "../harness/node-process";
import { refusal } from "../harness/refused-start";

const CLIENTS = 16;
const KEYS = 200;
const LOAD_MS = 1_500;
/** README: revisions and indexes of the new cluster begin so far above those of the backup. */
const STEP = 1_000_000_000;

interface Write {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** Sets keys until `isOver`, and answers what was acknowledged, in the order of revisions. */
async function writeUntil(cluster: Cluster, isOver: () => boolean): Promise<readonly Write[]> {
  const writes: Write[] = [];
  const live = async (id: number) => {
    const client = new ApiClient(cluster.inTurn().apiPort);
    for (let at = 0; !isOver(); at++) {
      const key = `key-${(at * CLIENTS + id) % KEYS}`;
      const value = `${id}-${at}`;
      const reply = await client.set(key, value);
      if (!reply.ok) throw new Error(`${reply.code} ${reply.detail}`);
      writes.push({ key, value, revision: reply.body.revision });
    }
    client.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, id) => live(id)));
  return writes.sort((a, b) => a.revision - b.revision);
}

/** Writes a backup to `path`; answers its revision. */
async function backUp(node: NodeProcess, path: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${node.apiPort}/v1/backup`);
  expect(answer.status).toBe(200);
  writeFileSync(path, new Uint8Array(await answer.arrayBuffer()));
  return Number(answer.headers.get("x-balsa-revision"));
}

/** What the keys were at `revision`. */
function stateAt(writes: readonly Write[], revision: number): ReadonlyMap<string, Write> {
  return new Map(
    writes.filter((write) => write.revision <= revision).map((write) => [write.key, write]),
  );
}

function expectState(items: readonly KeyBody[], expected: ReadonlyMap<string, Write>): void {
  const keys = items.filter(({ key }) => key.startsWith("key-"));
  expect(keys.map(({ key }) => key).sort()).toEqual([...expected.keys()].sort());
  for (const { key, value, mod_revision } of keys) {
    const write = expected.get(key);
    expect({ value, revision: mod_revision }).toEqual({
      value: String(write?.value),
      revision: Number(write?.revision),
    });
  }
}

/** An old cluster under load, a backup of it, and all that was acknowledged. */
async function withBackup(
  story: (old: {
    readonly cluster: Cluster;
    readonly path: string;
    readonly revision: number;
    readonly writes: readonly Write[];
  }) => Promise<void>,
): Promise<void> {
  await withCluster({ flags: ["--snapshot-entries", "500"] }, async (cluster) => {
    let isOver = false;
    const writing = writeUntil(cluster, () => isOver);
    await pause(LOAD_MS);
    const path = join(cluster.folder, "balsa.backup");
    const [follower] = cluster.others(await cluster.leader());
    if (!follower) throw new Error("a cluster of one");
    const revision = await backUp(follower, path);
    await pause(LOAD_MS / 3);
    isOver = true;
    const writes = await writing;
    expect(writes.filter((write) => write.revision <= revision).length).toBeGreaterThan(KEYS);
    expect(writes.at(-1)?.revision).toBeGreaterThan(revision);
    await story({ cluster, path, revision, writes });
  });
}

test("the same keys at one revision, in a cluster of its own that goes on far above", () =>
  withBackup(async ({ cluster, path, revision, writes }) => {
    const oldId = (await cluster.status(cluster.node(1))).cluster_id;
    const lastWrite = writes.at(-1);
    if (!lastWrite) throw new Error("nothing was written");
    const position = await cluster.ask(cluster.node(1), async (client) => {
      const page = await client.log("");
      return page.ok ? page.body.commit_index : 0;
    });

    await withCluster({ flags: ["--restore", path] }, async (restored) => {
      await restored.caughtUp();
      const { revision: newRevision } = await sameContents(restored);
      expectState(await itemsOf(restored, restored.node(1)), stateAt(writes, revision));
      expect(newRevision).toBeGreaterThanOrEqual(revision + STEP);
      expect((await restored.status(restored.node(1))).cluster_id).not.toBe(oldId);

      const stale = { ifMatch: lastWrite.revision };
      for (const node of restored.nodes) {
        await restored.ask(node, async (client) => {
          expect(await client.log(`from=${position}`)).toMatchObject({ status: 410 });
          expect(await client.log(`from=${position + 1}`)).toMatchObject({ status: 410 });
          const reply = await client.set(lastWrite.key, "lost", stale);
          expect(reply).toMatchObject({ status: 412, outcome: "not_applied" });
          const set = await client.set("key-0", "new");
          expect(set.ok && set.body.revision).toBeGreaterThan(revision + STEP);
        });
      }

      // The flag may stay: a later start has no need of it, nor of the file.
      truncateSync(path);
      const [node] = restored.others(await restored.leader());
      await node?.kill();
      node?.start();
      if (node) await restored.catchesUp(node);
      await sameContents(restored);
    });
  }));

test("a founder that starts without the backup is not let in; with it, it is", () =>
  withBackup(async ({ path, revision, writes }) => {
    const restored = new Cluster({ flags: ["--restore", path] });
    const [one, two, three] = restored.nodes;
    if (!one || !two || !three) throw new Error("three nodes were asked for");
    const blank = new NodeProcess({ ...three.options, flags: [] });
    try {
      blank.start();
      one.start();
      two.start();
      await restored.writable([one, two]);
      const refused = /belongs to cluster|foreign_cluster/;
      await eventually("the refusal in both logs", 10_000, () =>
        refused.test(blank.log()) && refused.test(one.log() + two.log()) ? true : null,
      );
      const mine = await restored.ask(blank, (client) => client.set("k", 1, { timeoutMs: 500 }));
      expect(mine.ok).toBe(false);
      await blank.kill();

      const dataDirectory = join(restored.folder, "3-again");
      const again = new NodeProcess({ ...three.options, dataDirectory });
      again.start();
      try {
        await restored.catchesUp(again);
        const read = await restored.ask(again, (client) => client.list("prefix=key-"));
        expectState(read.ok ? read.body.items : [], stateAt(writes, revision));
      } finally {
        await again.kill();
      }
    } finally {
      await blank.kill();
      await restored.dispose();
    }
  }));

test("what --restore refuses: exit code 2, one line, and nothing is spoiled", () =>
  withBackup(async ({ cluster, path }) => {
    const used = cluster.node(1);
    await used.stop();
    const inUse = await refusal({ ...used.options, flags: ["--restore", path] });
    expect(inUse).toContain(used.options.dataDirectory);
    expect(inUse).toContain("--restore");
    used.start();
    await cluster.catchesUp(used);

    const bytes = readFileSync(path);
    const flipped = Buffer.from(bytes);
    const middle = Math.floor(bytes.length / 2);
    flipped[middle] = (flipped[middle] ?? 0) ^ 1;
    const spoilt: readonly (readonly [string, Uint8Array])[] = [
      ["flipped", flipped],
      ["cut", bytes.subarray(0, middle)],
      ["cut-by-one", bytes.subarray(0, -1)],
      ["empty", new Uint8Array(0)],
      ["foreign", Buffer.from("PK\u0003\u0004 this is no backup at all")],
    ];
    const fresh = new Cluster({ size: 1 });
    const { options } = fresh.node(1);
    try {
      for (const [name, content] of spoilt) {
        const file = join(cluster.folder, name);
        writeFileSync(file, content);
        expect(await refusal({ ...options, flags: ["--restore", file] })).toContain(file);
      }
      const missing = join(cluster.folder, "missing");
      expect(await refusal({ ...options, flags: ["--restore", missing] })).toContain(missing);
      // The directory in which all this failed still takes the good one.
      const node = new NodeProcess({ ...options, flags: ["--restore", path] });
      node.start();
      await fresh.writable([node]);
      // From then on it takes no other for it.
      const other = join(cluster.folder, "other.backup");
      await backUp(node, other);
      await node.kill();
      expect(await refusal({ ...options, flags: ["--restore", other] })).toContain(other);
      node.start();
      await fresh.writable([node]);
      await node.kill();
    } finally {
      await fresh.dispose();
    }
  }));
