/** `kill -9` at awkward moments of a change: of the newcomer, of the leader, of who is removed. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { seededRandom } from "../../seeded-random";
import { sameContents } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually, pause } from "../harness/deadline";
import { type DiskCall, hasStrace, killingAt, lastDeeds } from "../harness/failpoints";
import { foundedWith } from "../harness/founding-data";
import {
  becomes,
  change,
  expectFarewell,
  grow,
  membersBy,
  operate,
  peerAddressOf,
} from "../harness/members";
import type { NodeProcess } from "../harness/node-process";
import { freePort } from "../harness/ports";
import { sized } from "../harness/size";

const KILLED_MS_MAX = 20_000;
const INSTALLED = "installed a snapshot from the leader";

const add = (cluster: Cluster, via: NodeProcess, node: NodeProcess) =>
  change(cluster, via, "POST", "members", {
    body: { id: node.id, peer_address: peerAddressOf(node) },
  });

test("a newcomer killed in the middle of its snapshot goes on without a flag, and is equal", () =>
  withCluster(
    foundedWith({ keys: sized(100_000, 1_000_000), valueBytes: 100 }),
    async (cluster) => {
      const via = cluster.inTurn();
      const joining = cluster.newcomer(4);
      await add(cluster, via, joining);
      joining.start();
      for (const part of [0, 0.3, 0.6]) {
        const node = part === 0 ? joining : cluster.restarted(joining, { flags: [] });
        await eventually(`${part} of the snapshot`, KILLED_MS_MAX, async () => {
          const { nodes } = await cluster.status(via);
          const installing = nodes.find(({ id }) => id === node.id)?.installing;
          if (!installing) return null;
          return installing.received_bytes > part * installing.total_bytes ? true : null;
        });
        await node.kill();
        expect(node.log()).not.toContain(INSTALLED);
      }
      const node = cluster.restarted(joining, { flags: [] });
      await becomes(cluster, { node, via }, "voter");
      cluster.admit(node);
      await cluster.writable([node]);
      await cluster.caughtUp();
      await sameContents(cluster);
    },
  ));

/** The calls at which a newcomer's first start is cut short, up to some that come after it. */
const FIRST_CALLS: readonly (readonly [call: DiskCall, times: number])[] = [
  ["pwrite64", 4],
  ["fdatasync", 4],
  ["rename", 3],
  ["fsync", 4],
];

test.skipIf(!hasStrace)("a newcomer killed at each step of its first start just starts again", () =>
  withCluster({}, async (cluster) => {
    const via = cluster.inTurn();
    const seen = new Set<string>();
    let id = cluster.nodes.length;
    for (const [call, times] of FIRST_CALLS) {
      for (let nth = 1; nth <= times; nth++) {
        const node = cluster.newcomer(++id);
        await change(cluster, via, "POST", "members?learner=true", {
          body: { id, peer_address: peerAddressOf(node) },
        });
        const tracePath = `${cluster.folder}/${call}-${nth}.strace`;
        node.start(killingAt(call, nth, tracePath));
        await eventually(`the end at ${call} ${nth}`, KILLED_MS_MAX, () =>
          node.isRunning ? null : true,
        );
        const { last } = lastDeeds(tracePath);
        const hasIdentity = existsSync(node.dataPath("identity.balsa"));
        seen.add(`${last}, ${hasIdentity ? "with" : "without"} an identity`);
        node.start();
        await becomes(cluster, { node, via }, "learner");
        await cluster.catchesUp(node);
        await change(cluster, via, "DELETE", `members/${id}`);
        await expectFarewell(node);
      }
    }
    console.log([...seen].sort().join("\n"));
    expect([...seen].some((stage) => stage.endsWith("with an identity"))).toBe(true);
    expect([...seen].some((stage) => stage.endsWith("without an identity"))).toBe(true);
    await cluster.writable();
  }),
);

const ROUNDS = sized(12, 60);
/** Long enough for a change to be committed and answered, now and then. */
const DELAY_MS_MAX = 25;

test(`the leader is killed just after a change was asked for, ${ROUNDS} times: true outcomes`, () =>
  withCluster({}, async (cluster) => {
    const { below } = seededRandom("changes");
    const told = { applied: 0, not_applied: 0, unknown: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const leader = await cluster.leader();
      const via = round % 3 === 0 ? leader : cluster.inTurn(cluster.others(leader));
      const id = 10 + round;
      const body = { id, peer_address: `127.0.0.1:${freePort()}` };
      const asked = operate(cluster, via, "POST", "members", { body, timeoutMs: 10_000 });
      await pause(below(DELAY_MS_MAX));
      await leader.kill();
      const reply = await asked;
      await cluster.writable();
      leader.start();
      await cluster.catchesUp(leader);
      await cluster.caughtUp();
      for (const node of cluster.nodes) {
        const { members } = await membersBy(cluster, node);
        const isMember = members.some((member) => member.id === id);
        if (reply.ok) expect(isMember).toBe(true);
        else if (reply.outcome === "not_applied") expect(isMember).toBe(false);
        else expect(reply.outcome).toBe("unknown");
      }
      told[reply.ok ? "applied" : reply.outcome === "not_applied" ? "not_applied" : "unknown"]++;
      const { members } = await membersBy(cluster, via);
      if (members.some((member) => member.id === id)) {
        await change(cluster, via, "DELETE", `members/${id}`);
      }
    }
    console.log(`told: ${JSON.stringify(told)}`);
    await cluster.writable();
  }));

test("a leader killed as it removes itself is gone all the same, or is still a member", () =>
  withCluster({}, async (cluster) => {
    await grow(cluster, cluster.newcomer(4));
    const leader = await cluster.leader();
    const [via] = cluster.others(leader);
    if (!via) throw new Error("four nodes");
    const asked = operate(cluster, via, "DELETE", `members/${leader.id}`);
    await pause(1);
    await leader.kill();
    const reply = await asked;
    await cluster.writable(cluster.others(leader));
    const { removed } = await membersBy(cluster, via);
    if (reply.ok) expect(removed).toEqual([leader.id]);
    if (removed.length === 0) await change(cluster, via, "DELETE", `members/${leader.id}`);
    cluster.dismiss(leader);
    leader.start();
    await expectFarewell(leader);
    await cluster.writable();
  }));

test("one removed while it was down is told when it comes back, though only a snapshot knows", () =>
  withCluster({}, async (cluster) => {
    const leader = await cluster.leader();
    const [gone, via] = cluster.others(leader);
    if (!gone || !via) throw new Error("three nodes");
    const newer = cluster.newcomer(4);
    await grow(cluster, newer, via);
    await gone.kill();
    await change(cluster, via, "DELETE", `members/${gone.id}`);
    cluster.dismiss(gone);
    // The log that told of it is cut off, and everybody forgets whom they have met.
    for (let round = 0; round < 2; round++) {
      await cluster.writable();
      for (const node of cluster.nodes) {
        const taken = await cluster.ask(node, (client) => client.snapshot());
        if (!taken.ok) throw new Error(`node ${node.id}: ${taken.code} ${taken.detail}`);
      }
    }
    for (const node of cluster.nodes) {
      expect(await node.stop()).toBe(0);
      node.start();
      await cluster.catchesUp(node);
    }
    const { term } = await cluster.status(await cluster.leader());
    gone.start();
    await expectFarewell(gone);
    expect((await cluster.status(await cluster.leader())).term).toBe(term);
    await cluster.writable();
  }));
