import { describe, expect, test } from "bun:test";
import { ClusterView } from "../../src/actors/cluster-view";
import type { NodeReport } from "../../src/messages";
import { clusterId, foundedBy, logIndex, type NodeId, nodeId, term } from "../../src/types";
import { helloOf } from "../codec/greeting-fixture";
import { waitingWorld } from "./waiting-world";

const [ONE, TWO, THREE] = [nodeId(1), nodeId(2), nodeId(3)];
const ELECTION_TIMEOUT_MS = 500;

const reportOf = (index: number): NodeReport => ({
  role: "Follower",
  term: term(4),
  commitIndex: logIndex(index),
  appliedIndex: logIndex(index),
  lastLogIndex: logIndex(index),
  snapshotIndex: null,
  installing: null,
});

/** What node 1 of three knows. */
function viewing(members: readonly NodeId[] = [ONE, TWO, THREE]) {
  const { world, parts } = waitingWorld();
  const view = new ClusterView({
    ...parts,
    id: ONE,
    clusterId: clusterId("c"),
    apiAddress: "one:8080",
    peerAddress: "one:9080",
    electionTimeoutMs: ELECTION_TIMEOUT_MS,
    configuration: () =>
      foundedBy(members.map((id) => ({ id, peerAddress: `node-${id}:9080`, diskId: null }))),
    leaderId: () => TWO,
    ownReport: () => reportOf(9),
  });
  const answerFrom = (peer: NodeId, index: number) => {
    const id = world.asked.find(({ to }) => to === peer)?.id ?? 0;
    world.requests.onAnswer(peer, id, { type: "report", report: reportOf(index) });
  };
  return { world, view, answerFrom };
}

describe("what a node knows of the others", () => {
  test("is nothing at first, but of itself", () => {
    const { view } = viewing();
    expect([ONE, TWO].map((id) => view.isHealthy(id))).toEqual([true, false]);
    expect([ONE, TWO].map((id) => view.apiAddressOf(id))).toEqual(["one:8080", null]);
    expect(view.quorum()).toEqual({ voters: 3, needed: 2, reachable: 1 });
  });

  test("is that they are healthy for two election timeouts after they were heard", () => {
    const { view, world } = viewing();
    view.onHeard(TWO);
    world.clock.advance(2 * ELECTION_TIMEOUT_MS);
    expect(view.quorum().reachable).toBe(2);
    world.clock.advance(1);
    expect(view.quorum().reachable).toBe(1);
  });

  test("is the API address of their latest greeting", () => {
    const { view } = viewing();
    view.onMet(helloOf(2, { apiAddress: "two:8080" }));
    expect([view.apiAddressOf(TWO), view.isHealthy(TWO)]).toEqual(["two:8080", true]);
  });
});

describe("a status", () => {
  test("holds what came back in time, and null for what was never heard", async () => {
    const { answerFrom, view, world } = viewing();
    const asked = view.status();
    world.clock.advance(100);
    view.onHeard(TWO);
    answerFrom(TWO, 7);
    world.clock.advance(1000);
    const { leaderId, nodes, quorum, term: currentTerm } = await asked;
    expect([leaderId, quorum.needed, currentTerm]).toEqual([TWO, 2, term(4)]);
    expect(
      nodes.map(({ id, commitIndex, lastContactMs }) => [id, commitIndex, lastContactMs]),
    ).toEqual([
      [ONE, logIndex(9), 0],
      [TWO, logIndex(7), 1000],
      [THREE, null, null],
    ]);
  });

  test("keeps the last that was heard of one that is silent now", async () => {
    const { answerFrom, view, world } = viewing();
    const first = view.status();
    answerFrom(TWO, 7);
    answerFrom(THREE, 6);
    await first;
    world.isLinkOpen = false;
    const { nodes } = await view.status();
    expect(nodes.map(({ commitIndex }) => commitIndex)).toEqual([9, 7, 6].map(logIndex));
  });

  test("comes at once when the node stops meanwhile", async () => {
    const { view, world } = viewing();
    const asked = view.status();
    world.requests.stop();
    expect((await asked).nodes.map(({ commitIndex }) => commitIndex)).toEqual([
      logIndex(9),
      null,
      null,
    ]);
  });

  test("lists itself, though its log does not name it yet", async () => {
    const { view, world } = viewing([TWO, THREE]);
    const status = view.status();
    world.clock.advance(world.limits.reportTimeoutMs);
    const { nodes, quorum } = await status;
    expect(nodes.map(({ id }) => id)).toEqual([TWO, THREE, ONE]);
    expect(nodes[2]).toMatchObject({ peerAddress: "one:9080", voter: false, healthy: true });
    expect(quorum).toEqual({ voters: 2, needed: 2, reachable: 0 });
  });
});
