/** Each bad request about who takes part gets an error of its own, and changes nothing. */
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually, pause } from "../harness/deadline";
import {
  becomes,
  change,
  expectFarewell,
  grow,
  membersBy,
  operate,
  peerAddressOf,
  shrink,
} from "../harness/members";
import type { NodeProcess } from "../harness/node-process";
import { freePort } from "../harness/ports";
import { refusal } from "../harness/refused-start";

type Asked = readonly [method: string, path: string, body?: object];

/** Asks on each of `nodes`; every one answers the same. */
async function expectRefusals(
  cluster: Cluster,
  [method, path, body]: Asked,
  expected: { status: number; code: string; detail: string },
) {
  for (const via of cluster.nodes) {
    const reply = await operate(cluster, via, method, path, body && { body });
    expect(reply).toMatchObject({ ok: false, outcome: "not_applied", ...expected });
  }
}

const address = () => `127.0.0.1:${freePort()}`;
const conflict = (detail: string) => ({ status: 409, code: "membership_conflict", detail });
const unknown = (detail: string) => ({ status: 404, code: "not_found", detail });
const invalid = (detail: string) => ({ status: 400, code: "invalid_request", detail });

test("ids and addresses that are unknown, in use, removed or malformed", () =>
  withCluster({}, async (cluster) => {
    const [one, two] = cluster.nodes;
    if (!one || !two) throw new Error("three nodes");
    await grow(cluster, cluster.newcomer(4));
    await shrink(cluster, cluster.node(4));
    const { members } = await membersBy(cluster, one);

    const add = (id: unknown, peer_address: string): Asked => [
      "POST",
      "members",
      { id, peer_address },
    ];
    const cases: readonly (readonly [Asked, ReturnType<typeof conflict>])[] = [
      [["DELETE", "members/99"], unknown("node 99 is not a member")],
      [["PUT", "members/99", { learner: false }], unknown("node 99 is not a member")],
      [["PUT", "members/99", { peer_address: address() }], unknown("node 99 is not a member")],
      [["DELETE", "members/4"], unknown("node 4 was removed")],
      [["POST", "transfer-leadership", { to: 99 }], unknown("node 99 is not a member")],
      [add(1, address()), conflict("node 1 is a member already")],
      [add(4, address()), conflict("node 4 was removed, and an id is never used again")],
      [add(5, peerAddressOf(two)), conflict(`${peerAddressOf(two)} is the peer address of node 2`)],
      [
        ["PUT", "members/1", { peer_address: peerAddressOf(two) }],
        conflict(`${peerAddressOf(two)} is the peer address of node 2`),
      ],
      [["PUT", "members/1", { learner: false }], conflict("node 1 is a voter already")],
      [
        ["PUT", "members/1", { learner: true }],
        conflict(
          "node 1 is a voter, and a voter cannot be demoted: remove it and add a new node with " +
            "learner=true",
        ),
      ],
    ];
    for (const [asked, expected] of cases) await expectRefusals(cluster, asked, expected);

    const blamed = async ([method, path, body]: Asked, part: string) => {
      const reply = await operate(cluster, two, method, path, body && { body });
      expect(reply).toMatchObject({ status: 400, code: "invalid_request" });
      expect(!reply.ok && reply.detail).toContain(part);
    };
    for (const malformed of ["", "here", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "h h:1"]) {
      await blamed(add(5, malformed), "peer_address");
      await blamed(["PUT", "members/1", { peer_address: malformed }], "peer_address");
    }
    for (const id of [0, -1, 1.5, "5", null]) await blamed(add(id, address()), "id");
    await expectRefusals(
      cluster,
      ["PUT", "members/1", { peer_address: address(), learner: false }],
      invalid("one change at a time: the body has either peer_address or learner"),
    );
    // Nothing of it has changed anything.
    expect((await membersBy(cluster, one)).members.map(({ id }) => id)).toEqual(
      members.map(({ id }) => id),
    );
    await cluster.writable();
  }));

test("a node that lags is not promoted, and one that was never there may be given up", () =>
  withCluster({}, async (cluster) => {
    const via = cluster.inTurn();
    const leader = await cluster.leader();
    const node = cluster.newcomer(4);
    const body = { id: 4, peer_address: peerAddressOf(node) };
    await change(cluster, via, "POST", "members?learner=true", { body });
    const { last_log_index } = await cluster.self(leader);
    await expectRefusals(
      cluster,
      ["PUT", "members/4", { learner: false }],
      conflict(`node 4 lags: it holds 0 of ${last_log_index} entries, or did not keep up lately`),
    );
    await expectRefusals(
      cluster,
      ["POST", "transfer-leadership", { to: 4 }],
      conflict("node 4 is a learner, and only voters lead"),
    );
    node.start();
    await becomes(cluster, { node, via }, "learner");
    await eventually("its promotion", 20_000, async () => {
      const reply = await operate(cluster, via, "PUT", "members/4", { body: { learner: false } });
      return reply.ok ? true : null;
    });
    await becomes(cluster, { node, via }, "voter");
    expect(await node.stop()).toBe(0);
    await change(cluster, via, "DELETE", "members/4");

    const neverThere = { id: 5, peer_address: address() };
    await change(cluster, via, "POST", "members", { body: neverThere });
    await change(cluster, via, "DELETE", "members/5");
    await change(cluster, via, "POST", "members", { body: neverThere });
  }));

test("of two changes at once the second is told of the first, whose outcome is true", () =>
  withCluster({}, async (cluster) => {
    const leader = await cluster.leader();
    const followers = cluster.others(leader);
    for (const node of followers) node.signal("SIGSTOP");
    const add = (id: number) => ({ body: { id, peer_address: address() }, timeoutMs: 5_000 });
    const first = operate(cluster, leader, "POST", "members", add(4));
    await pause(50);
    const second = await operate(cluster, leader, "POST", "members", add(5));
    expect(second).toMatchObject({ status: 409, outcome: "not_applied", isRetryable: true });
    expect(!second.ok && second.detail).toMatch(
      /^another change, entry \d+, is not committed yet: one at a time$/,
    );
    for (const node of followers) node.signal("SIGCONT");
    const told = await first;
    await cluster.writable();
    await cluster.caughtUp();
    const { members } = await membersBy(cluster, leader);
    const ids = members.map(({ id }) => id);
    expect(ids).not.toContain(5);
    if (told.ok) expect(ids).toContain(4);
    else expect(told.outcome).toBe("unknown");
  }));

test("an operator is told so who would leave nobody", () =>
  withCluster({ size: 1 }, async (cluster) => {
    await expectRefusals(
      cluster,
      ["DELETE", "members/1?force=true"],
      conflict("node 1 is the last voter there is"),
    );
    const nobody = await operate(cluster, cluster.node(1), "POST", "transfer-leadership");
    expect(nobody).toMatchObject({ status: 409, outcome: "not_applied" });
    await cluster.writable();
  }));

/** What is left of a node whose disk is empty again. */
function wiped(node: NodeProcess): NodeProcess {
  rmSync(node.options.dataDirectory, { recursive: true, force: true });
  return node;
}

test("starts that cannot be: at itself, with an empty disk, under an id that is gone", () =>
  withCluster({}, async (cluster) => {
    const node = cluster.newcomer(4);
    const own = `127.0.0.1:${node.apiPort}`;
    expect(await refusal({ ...node.options, flags: ["--join", own] })).toContain(
      `balsa: bad_flag: --join ${own} points to this node itself: name the API of a member`,
    );
    await grow(cluster, node);
    await node.kill();
    expect(await refusal(wiped(node).options)).toContain(
      "balsa: wiped: node 4 has taken part already, and this data directory is blank",
    );
    const via = cluster.node(2);
    await change(cluster, via, "DELETE", "members/4");
    cluster.dismiss(node);
    expect(await refusal(wiped(node).options)).toContain(
      "balsa: bad_flag: --id 4 was removed from the cluster, and an id is never used again",
    );

    const founder = cluster.node(1);
    await founder.kill();
    await cluster.writable();
    expect(await refusal(wiped(founder).options)).toContain("balsa: wiped: ");
    await change(cluster, via, "DELETE", "members/1");
    cluster.dismiss(founder);
    wiped(founder).start();
    await expectFarewell(founder);
    await cluster.writable([via]);
  }));
