/** Disks that change what they were given (promises 4 and 5). */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { type Cluster, withCluster } from "../harness/cluster";
import type { NodeProcess } from "../harness/node-process";

const VALUES = 40;
/** Large enough that what follows a value moves the mark of what was durable past it. */
const VALUE_BYTES = 256 * 1024;
const EXIT_MS_MAX = 10_000;
const STOPPED_BY_A_FAULT = 1;
const ALONE_TIMEOUT_MS = 3_000;

const textOf = (at: number) => `value-${at}-`.padEnd(VALUE_BYTES, "x");

async function writeValues(cluster: Cluster, from = 0): Promise<void> {
  for (let at = from; at < from + VALUES; at++) {
    const reply = await cluster.ask(cluster.inTurn(), (client) => client.set(`${at}`, textOf(at)));
    expect(reply.ok).toBe(true);
  }
}

async function expectValues(cluster: Cluster, node: NodeProcess, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const reply = await cluster.ask(node, (client) => client.get(`${at}`));
    expect(reply.ok && reply.body.value).toBe(textOf(at));
  }
}

/** Where the value numbered `at` stands in the node's log. */
function placeOf(
  node: NodeProcess,
  at: number,
): { readonly path: string; readonly offset: number } {
  for (const name of readdirSync(node.options.dataDirectory).filter((it) =>
    it.startsWith("log-"),
  )) {
    const path = node.dataPath(name);
    const offset = readFileSync(path).indexOf(`value-${at}-`);
    if (offset >= 0) return { path, offset };
  }
  throw new Error(`value ${at} is not in the log of node ${node.id}`);
}

test("a flipped bit in the middle of a follower's log: it refuses to start, the rest go on", () =>
  withCluster({}, async (cluster) => {
    await writeValues(cluster);
    await cluster.caughtUp();
    const [follower] = cluster.others(await cluster.leader());
    if (!follower) throw new Error("a cluster of one");
    await follower.kill();

    const { path, offset } = placeOf(follower, VALUES / 2);
    const bytes = readFileSync(path);
    bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    writeFileSync(path, bytes);

    follower.start();
    expect(await follower.exitCode(EXIT_MS_MAX)).toBe(STOPPED_BY_A_FAULT);
    expect(follower.logTail()).toContain("log_corrupted");
    expect(follower.logTail()).toContain(path);
    await cluster.writable();
    await expectValues(cluster, cluster.inTurn(), VALUES);
  }));

test("a follower's cut tail: until it has caught up it elects nobody who lacks the lost part", () =>
  withCluster({}, async (cluster) => {
    const leader = await cluster.leader();
    const [cut, absent] = cluster.others(leader);
    if (!cut || !absent) throw new Error("three nodes were asked for");
    // Only the leader and the one that will be cut acknowledge these.
    await absent.kill();
    await writeValues(cluster);
    await cluster.caughtUp();
    await Promise.all([leader.kill(), cut.kill()]);
    const { path, offset } = placeOf(cut, 1);
    truncateSync(path, offset);

    // These two are a quorum by number, but neither has what was acknowledged.
    cut.start();
    absent.start();
    const alone = await cluster.writable([cut, absent], ALONE_TIMEOUT_MS).catch(() => "refused");
    expect(alone).toBe("refused");

    leader.start();
    await cluster.writable();
    await cluster.catchesUp(cut);
    await expectValues(cluster, cut, VALUES);
  }));
