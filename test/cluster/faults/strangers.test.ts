/** What comes in from outside and is not ours: on the peer port and on the API's. */
import { expect, test } from "bun:test";
import { seededRandom } from "../../seeded-random";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually, pause } from "../harness/deadline";
import { NodeProcess } from "../harness/node-process";
import { freePort } from "../harness/ports";

const ROUNDS = 60;
const BYTES_MAX = 100_000;
const LINGER_MS = 50;

/** Sends bytes to a port and hangs up a little later; being hung up on is fine. */
async function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
  socket.write(bytes);
  await pause(LINGER_MS);
  socket.terminate();
}

/** The term moves only in elections, and no stranger may cause one. */
async function undisturbed(cluster: Cluster, story: (leader: NodeProcess) => Promise<void>) {
  const before = await cluster.status(await cluster.leader());
  await story(await cluster.leader());
  expect(await cluster.writable()).toBeLessThan(1_000);
  expect(cluster.running).toHaveLength(cluster.nodes.length);
  expect((await cluster.status(await cluster.leader())).term).toBe(before.term);
}

test("garbage on the peer port closes that connection and nothing else", () =>
  withCluster({}, async (cluster) => {
    const { below } = seededRandom("strangers");
    await undisturbed(cluster, async (leader) => {
      const { peerPort } = leader.options;
      await throwAt(peerPort, new Uint8Array(0));
      await throwAt(peerPort, Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
      await throwAt(peerPort, new Uint8Array(BYTES_MAX).fill(0xff));
      await Promise.all(
        Array.from({ length: ROUNDS }, () => {
          const bytes = Uint8Array.from({ length: below(BYTES_MAX) }, () => below(256));
          return throwAt(peerPort, bytes);
        }),
      );
    });
  }));

test("a node of another cluster is refused, and both sides say why", () =>
  withCluster({}, async (cluster) => {
    await undisturbed(cluster, async (leader) => {
      const [victim] = cluster.others(leader);
      if (!victim) throw new Error("a cluster of one");
      const foreigner = new NodeProcess({
        ...victim.options,
        apiPort: freePort(),
        dataDirectory: `${cluster.folder}/foreign`,
        logFile: `${cluster.folder}/foreign.log`,
        flags: ["--cluster-token", "another", "--peer", `127.0.0.1:${freePort()}`],
      });
      foreigner.start();
      try {
        const refused = /belongs to cluster|foreign_cluster/;
        await eventually("the refusal in both logs", 5_000, () =>
          refused.test(foreigner.log()) && refused.test(leader.log()) ? true : null,
        );
        const reply = await cluster.ask(foreigner, (client) =>
          client.set("k", 1, { timeoutMs: 500 }),
        );
        expect(reply.ok).toBe(false);
      } finally {
        await foreigner.kill();
      }
    });
  }));

test("a body cut short changes nothing", () =>
  withCluster({}, async (cluster) => {
    const [node] = cluster.nodes;
    if (!node) throw new Error("a cluster of none");
    const whole = JSON.stringify({ key: "cut", value: "short" });
    const head =
      `POST /set HTTP/1.1\r\nhost: 127.0.0.1:${node.apiPort}\r\n` +
      `content-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n`;
    for (let length = 0; length < whole.length; length++) {
      await throwAt(node.apiPort, Buffer.from(head + whole.slice(0, length)));
    }
    const read = await cluster.ask(node, (client) => client.get("cut"));
    expect(read.ok && read.body).toEqual({});
    await cluster.writable();
  }));
