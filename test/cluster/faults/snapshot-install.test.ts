/** A follower that has missed more than the log still holds gets the leader's snapshot. */
import { expect, test } from "bun:test";
import { sameContents, writeBulk } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { type DiskCall, hasStrace, killingAt, lastDeeds } from "../harness/failpoints";
import { foundedWith } from "../harness/founding-data";
import { underLoad } from "../harness/load";
import type { NodeProcess } from "../harness/node-process";
import { sized } from "../harness/size";
import { expectSound } from "../harness/verdict";

const INSTALLED = "installed a snapshot from the leader";
const RETURN_MS_MAX = 10_000;
const KILLED_MS_MAX = 20_000;

const installsOf = (node: NodeProcess) => node.log().split(INSTALLED).length - 1;

async function aFollower(cluster: Cluster): Promise<NodeProcess> {
  const [follower] = cluster.others(await cluster.leader());
  if (!follower) throw new Error("a cluster of one");
  return follower;
}

test("down for many writes: back by snapshot within 10 s, under load, and equal", () =>
  withCluster({ flags: ["--snapshot-entries", "2000"] }, async (cluster) => {
    const follower = await aFollower(cluster);
    await follower.kill();
    await writeBulk(cluster, { writes: sized(10_000, 100_000), keys: 1_000, valueBytes: 256 });
    const history = await underLoad(
      cluster,
      async () => {
        const startMs = performance.now();
        follower.start();
        await cluster.catchesUp(follower);
        const tookMs = performance.now() - startMs;
        console.log(`back within ${Math.round(tookMs)} ms`);
        expect(tookMs).toBeLessThan(RETURN_MS_MAX);
      },
      { clients: 16 },
    );
    expect(installsOf(follower)).toBe(1);
    await cluster.caughtUp();
    await sameContents(cluster);
    expectSound(history);
  }));

/** Has both who hold it let go of the log's beginning, which `node` lacks. */
async function leaveBehind(cluster: Cluster, node: NodeProcess): Promise<void> {
  await node.kill();
  // A leader keeps for a while what one that answered lately is about to need.
  await eventually(`node ${node.id} to be missed`, RETURN_MS_MAX, async () => {
    const { quorum } = await cluster.status(await cluster.leader());
    return quorum.reachable < cluster.nodes.length ? true : null;
  });
  for (let round = 0; round < 2; round++) {
    await cluster.writable(cluster.others(node));
    for (const other of cluster.others(node)) {
      const taken = await cluster.ask(other, (client) => client.snapshot());
      if (!taken.ok) throw new Error(`node ${other.id}: ${taken.code} ${taken.detail}`);
    }
  }
  await cluster.writable(cluster.others(node));
}

test("killed in the middle of a long install, again and again: it recovers, and is equal", () =>
  withCluster(
    foundedWith({ keys: sized(100_000, 1_000_000), valueBytes: 100 }),
    async (cluster) => {
      const follower = await aFollower(cluster);
      await leaveBehind(cluster, follower);
      const { term } = await cluster.status(await cluster.leader());
      for (const part of [0, 0.3, 0.6]) {
        follower.start();
        await eventually(`${part} of the snapshot`, KILLED_MS_MAX, async () => {
          const { installing } = await cluster.self(follower);
          if (!installing) return null;
          return installing.received_bytes > part * installing.total_bytes ? true : null;
        });
        await follower.kill();
      }
      expect(installsOf(follower)).toBe(0);
      follower.start();
      await cluster.catchesUp(follower, 60_000);
      expect(installsOf(follower)).toBe(1);
      expect((await cluster.self(follower)).installing).toBeUndefined();
      await cluster.caughtUp();
      await sameContents(cluster);
      expect((await cluster.status(follower)).term).toBe(term);
    },
  ));

/** Where a node must have been killed, and the calls, one after the other, that lead there. */
const STAGES: readonly (readonly [stage: string, call: DiskCall, firstNth: number])[] = [
  ["pwrite64 incoming snapshot", "pwrite64", 4],
  ["rename incoming snapshot", "rename", 1],
  ["fsync directory, after rename incoming snapshot", "fsync", 1],
  ["unlink snapshot", "unlink", 1],
  ["fsync directory, after rename log", "fsync", 1],
  ["unlink log", "unlink", 1],
  ["fsync directory, after unlink log", "fsync", 1],
];
const TRIES_MAX = 20;

test.skipIf(!hasStrace)("killed at each step of the install, it is equal in the end", () =>
  withCluster({ flags: ["--snapshot-entries", "100000"] }, async (cluster) => {
    const follower = await aFollower(cluster);
    await writeBulk(cluster, { writes: 200, keys: 200, valueBytes: 5_000 });
    const seen = new Set<string>();
    const killAt = async (call: DiskCall, nth: number) => {
      await leaveBehind(cluster, follower);
      const tracePath = `${cluster.folder}/${call}-${nth}.strace`;
      follower.start(killingAt(call, nth, tracePath));
      await eventually(`the end at ${call} ${nth}`, KILLED_MS_MAX, () =>
        follower.isRunning ? null : true,
      );
      const { before, last } = lastDeeds(tracePath);
      seen.add(last).add(`${last}, after ${before}`);
      follower.start();
      await cluster.catchesUp(follower);
    };
    const history = await underLoad(
      cluster,
      async () => {
        for (const [stage, call, firstNth] of STAGES) {
          for (let tries = 0; tries < TRIES_MAX && !seen.has(stage); tries++) {
            await killAt(call, firstNth + tries);
          }
          expect([...seen]).toContain(stage);
        }
      },
      { clients: 6, thinkTimeMs: 20 },
    );
    console.log([...seen].sort().join("\n"));
    expect(installsOf(follower)).toBeGreaterThan(0);
    await cluster.caughtUp();
    await sameContents(cluster);
    expectSound(history);
  }),
);
