/** A node is added to a running cluster: it waits to be, keeps up, and later needs no flag. */
import { expect, test } from "bun:test";
import { withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { type MemberBody, operate, peerAddressOf } from "../harness/members";
import type { NodeProcess } from "../harness/node-process";
import { freePort } from "../harness/ports";

const JOIN_MS_MAX = 20_000;

const says = (node: NodeProcess, words: string) =>
  eventually(`node ${node.id} to say "${words}"`, JOIN_MS_MAX, () =>
    node.log().includes(words) ? true : null,
  );

test("a node waits to be added, becomes a voter, and starts again without a flag", () =>
  withCluster({}, async (cluster) => {
    const first = cluster.node(1);
    const node = cluster.newcomer(4);
    await cluster.ask(first, (client) => client.set("before", "kept"));
    node.start();
    await says(node, "node 4 is not a member yet, add it");
    expect(await node.stop()).toBe(0);
    node.start();
    const added = await operate<MemberBody>(cluster, first, "POST", "members?wait=true", {
      body: { id: 4, peer_address: peerAddressOf(node) },
      timeoutMs: JOIN_MS_MAX,
    });
    expect(added).toMatchObject({ status: 200, body: { id: 4, state: "voter" } });
    const read = await cluster.ask(node, (client) => client.get("before"));
    expect(read).toMatchObject({ ok: true, body: { value: "kept" } });

    expect(await node.stop()).toBe(0);
    const again = cluster.restarted(node, { flags: [] });
    await cluster.writable([again]);
    expect(await again.stop()).toBe(0);

    // It comes back elsewhere, and says so by itself.
    const peer_address = `127.0.0.1:${freePort()}`;
    cluster.restarted(again, { flags: ["--peer", peer_address] });
    await eventually("the cluster to know where it is", JOIN_MS_MAX, async () => {
      const member = await operate<MemberBody>(cluster, first, "GET", "members/4");
      if (!member.ok) return null;
      const { body } = member;
      return body.healthy && body.peer_address === peer_address ? true : null;
    });
  }));
