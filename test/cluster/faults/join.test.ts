/** A node is added to a running cluster: it waits to be, keeps up, and later needs no flag. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { NodeProcess } from "../harness/node-process";
import { freePort } from "../harness/ports";

const JOIN_MS_MAX = 20_000;

/** A node with an empty directory, told of every member. */
function newcomer(cluster: Cluster, id: number): NodeProcess {
  const members = cluster.nodes.map(({ apiPort }) => `127.0.0.1:${apiPort}`);
  return new NodeProcess({
    id,
    founders: null,
    apiPort: freePort(),
    peerPort: freePort(),
    dataDirectory: join(cluster.folder, `${id}`),
    logFile: join(cluster.folder, `${id}.log`),
    flags: ["--join", members.join(",")],
    wrapper: [],
  });
}

async function asking(node: NodeProcess, method: string, path: string, body?: object) {
  const response = await fetch(`http://127.0.0.1:${node.apiPort}/v1/cluster/members${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  const json: unknown = await response.json();
  return { status: response.status, json };
}

const says = (node: NodeProcess, words: string) =>
  eventually(`node ${node.id} to say "${words}"`, JOIN_MS_MAX, () =>
    node.log().includes(words) ? true : null,
  );

/** Has `node`, which is running, added through `member`, and waits until it is a voter. */
async function add(member: NodeProcess, node: NodeProcess): Promise<void> {
  const peer_address = `127.0.0.1:${node.options.peerPort}`;
  const path = "?wait=true&timeout=20s";
  const added = await asking(member, "POST", path, { id: node.id, peer_address });
  expect(added).toMatchObject({ status: 200, json: { id: node.id, state: "voter" } });
}

test("a node waits to be added, becomes a voter, and starts again without a flag", () =>
  withCluster({}, async (cluster) => {
    const [first] = cluster.nodes;
    const node = newcomer(cluster, 4);
    if (!first) throw new Error("a cluster of none");
    await cluster.ask(first, (client) => client.set("before", "kept"));
    try {
      node.start();
      await says(node, "node 4 is not a member yet, add it");
      expect(await node.stop()).toBe(0);
      node.start();
      await add(first, node);
      const read = await cluster.ask(node, (client) => client.get("before"));
      expect(read).toMatchObject({ ok: true, body: { value: "kept" } });
      expect(await node.stop()).toBe(0);

      const again = new NodeProcess({ ...node.options, flags: [] });
      again.start();
      await cluster.writable([again]);
      expect(await again.stop()).toBe(0);

      // It comes back elsewhere, and says so by itself.
      const peer = `127.0.0.1:${freePort()}`;
      const moved = new NodeProcess({ ...node.options, flags: ["--peer", peer] });
      moved.start();
      await eventually("the cluster to know where it is", JOIN_MS_MAX, async () => {
        const { json } = await asking(first, "GET", "/4");
        return Bun.deepMatch({ peer_address: peer, healthy: true }, json) ? true : null;
      });
      expect(await moved.stop()).toBe(0);
    } finally {
      await node.kill();
    }
  }));
