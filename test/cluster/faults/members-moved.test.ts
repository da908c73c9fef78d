/** Members that come back elsewhere: they say so themselves, or an operator does. */
import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { sameContents } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually, pause } from "../harness/deadline";
import { underLoad } from "../harness/load";
import { change, membersBy, operate, peerAddressOf } from "../harness/members";
import type { NodeProcess } from "../harness/node-process";
import { freePort } from "../harness/ports";
import { expectSound } from "../harness/verdict";

const FOUND_MS_MAX = 15_000;
/** So long that a leader that would contradict an operator has had every occasion. */
const CONTRADICTION_MS = 1_500;

/** Waits until all the others have `node` there, and speak to it. */
async function isFound(cluster: Cluster, { id }: NodeProcess, peerAddress: string) {
  for (const via of cluster.running) {
    await eventually(
      `node ${via.id} to find node ${id} at ${peerAddress}`,
      FOUND_MS_MAX,
      async () => {
        const { committed, members } = await membersBy(cluster, via);
        const member = members.find((other) => other.id === id);
        return committed && member?.healthy && member.peer_address === peerAddress ? true : null;
      },
    );
  }
}

for (const who of ["a follower", "the leader"] as const) {
  test(`${who} comes back at another port, and is found; and again where it was at first`, () =>
    withCluster({}, async (cluster) => {
      const leader = await cluster.leader();
      const node = who === "the leader" ? leader : cluster.others(leader)[0];
      if (!node) throw new Error("three nodes");
      await node.kill();
      await cluster.writable(cluster.others(node));
      const elsewhere = `127.0.0.1:${freePort()}`;
      const moved = cluster.restarted(node, { flags: ["--peer", elsewhere] });
      await isFound(cluster, moved, elsewhere);
      await cluster.writable([moved]);
      await cluster.catchesUp(moved);

      // It stays there without being told again, and may go home.
      expect(await moved.stop()).toBe(0);
      const there = cluster.restarted(moved, { flags: [] });
      await isFound(cluster, there, elsewhere);
      expect(await there.stop()).toBe(0);
      const home = cluster.restarted(there, { flags: ["--peer", peerAddressOf(node)] });
      await isFound(cluster, home, peerAddressOf(node));
      await cluster.writable([home]);
      await cluster.catchesUp(home);
    }));
}

test("all move, one after the other, under load: each is found, and nothing is lost", () =>
  withCluster({}, async (cluster) => {
    const history = await underLoad(
      cluster,
      async () => {
        for (const node of cluster.nodes) {
          expect(await node.stop()).toBe(0);
          const elsewhere = `127.0.0.1:${freePort()}`;
          const moved = cluster.restarted(node, { flags: ["--peer", elsewhere] });
          await isFound(cluster, moved, elsewhere);
          await cluster.catchesUp(moved);
        }
      },
      { clients: 16, persistent: true },
    );
    expect(history.mishaps).toEqual([]);
    await cluster.caughtUp();
    await sameContents(cluster);
    expectSound(history);
  }));

test("one that listens everywhere is found once an operator says where it is", () =>
  withCluster({}, async (cluster) => {
    const [node] = cluster.others(await cluster.leader());
    if (!node) throw new Error("three nodes");
    expect(await node.stop()).toBe(0);
    const port = freePort();
    const moved = cluster.restarted(node, { flags: ["--peer", `0.0.0.0:${port}`] });
    const [via] = cluster.others(moved);
    if (!via) throw new Error("three nodes");
    const peer_address = `127.0.0.1:${port}`;
    await change(cluster, via, "PUT", `members/${moved.id}`, { body: { peer_address } });
    await isFound(cluster, moved, peer_address);
    await cluster.writable([moved]);
  }));

/** Passes bytes on to `port`, both ways. */
async function relayTo(port: number) {
  let connections = 0;
  const server = createServer((near) => {
    connections++;
    const far = connect(port, "127.0.0.1");
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a relay without a port");
  return {
    address: `127.0.0.1:${address.port}`,
    connections: () => connections,
    close: () => server.close(),
  };
}

for (const who of ["a follower", "the leader"] as const) {
  test(`an operator moves ${who} behind a relay: all dial it there, and nobody moves it back`, () =>
    withCluster({}, async (cluster) => {
      const leader = await cluster.leader();
      const [follower, via] = cluster.others(leader);
      const node = who === "the leader" ? leader : follower;
      if (!node || !via) throw new Error("three nodes");
      const relay = await relayTo(node.options.peerPort);
      try {
        const moved = await operate(cluster, via, "PUT", `members/${node.id}`, {
          body: { peer_address: relay.address },
        });
        expect(moved).toMatchObject({ ok: true, body: { peer_address: relay.address } });
        await isFound(cluster, node, relay.address);
        await pause(CONTRADICTION_MS);
        await isFound(cluster, node, relay.address);
        expect(relay.connections()).toBe(2);
        await cluster.writable([node]);
        await cluster.caughtUp();
        // And after a restart, of the node and of those who are to find it.
        for (const other of cluster.nodes) {
          expect(await other.stop()).toBe(0);
          other.start();
          await cluster.writable([other]);
        }
        await isFound(cluster, node, relay.address);
      } finally {
        relay.close();
      }
    }));
}
