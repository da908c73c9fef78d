/** What is said of a full disk: of the leader's own, and of a follower's. */
import { describe, expect, test } from "bun:test";
import { explain } from "../../src/observe/why/why";
import { incarnation, logIndex, nodeId, term } from "../../src/types";
import { diskOf } from "../machines/raft-words";
import { evidence, leading } from "./evidence";
import { stillSituation } from "./still-situation";
import { WatchedCluster } from "./watched-cluster";

describe("a leader whose own disk is full", () => {
  const disk = { ...stillSituation().disk, hasRoom: false };
  const met = {
    incarnation: incarnation(1),
    diskId: diskOf(2),
    lastLogIndex: logIndex(5),
    lastLogTerm: term(3),
    peerAddress: null,
  };
  const others = [nodeId(2), nodeId(3)];
  /** Both others are in touch; these disks are full. */
  const inOffice = (state: string, ...full: readonly number[]) => {
    const { leadership } = leading([5, 5]).context;
    const office = leading([5, 5], {
      fullDisks: new Set(full.map(nodeId)),
      leadership: leadership && { ...leadership, heard: new Set(others) },
      peers: new Map(others.map((id) => [id, met])),
    });
    return explain(evidence({ ...office, disk }, { state }));
  };
  const says = (about: string, { facts }: ReturnType<typeof explain>) =>
    facts.find((fact) => fact.about === about)?.says;

  test("hands over where others have room", () => {
    expect(says("disk", inOffice("leader.serving", 1))).toBe(
      "the disk of this node is full: it lives on its reserve, and hands over soon",
    );
  });
  test("leads on where it is needed", () => {
    expect(says("disk", inOffice("leader.serving", 1, 2))).toBe(
      "the disk of this node is full: it lives on its reserve, and leads on: no voter with room " +
        "could take over and do without it",
    );
  });
  test("says so while it hands over", () => {
    const { summary } = inOffice("leader.transferring", 1);
    expect(summary).toMatch(
      /^the office is being handed over to node 3, for .*, for the disk of this node is full: w/,
    );
  });
});

test("a full node that follows refuses nothing itself", () => {
  const { disk } = stillSituation();
  const { facts, writes } = explain(evidence({ disk: { ...disk, hasRoom: false, isFull: true } }));
  expect(writes.code).toBe("flowing");
  expect(facts.find(({ about }) => about === "disk")?.says).toBe(
    "the disk of this node is full to the last byte",
  );
});

test("the story tells why it hands over, and so does its log", () => {
  const lines: unknown[] = [];
  const cluster = new WatchedCluster({
    seed: 1,
    nodes: 3,
    onLogLine: (_, __, line, facts) => lines.push([line, facts]),
  });
  const { sim } = cluster;
  const full = sim.leader();
  sim.run(1000);
  full.disk.capacityBytes = full.disk.usedBytes;
  while (sim.leader() === full) sim.set("key", "x".repeat(500), { on: full }).wait();
  const successor = sim.leader();
  const says = `hands its office over to node ${successor.id}: its own disk is full`;
  expect(cluster.transitions(full, "raft").map(({ reason }) => reason)).toContain(says);
  expect(lines).toContainEqual([`handing over to node ${successor.id}`, { term: 1, cause: says }]);
  sim.run(1000);
  expect(cluster.why(full).summary).toBe("the disk of this node is full: it lives on its reserve");
  expect(cluster.why(successor).summary).toStartWith(`the disk of node ${full.id} is full`);
});

test("a disk freed after its node led is not taken for full by the other followers", () => {
  const cluster = new WatchedCluster({ seed: 1, nodes: 3 });
  const { sim } = cluster;
  const first = sim.leader();
  const fill = ({ disk }: typeof first) => {
    disk.capacityBytes = disk.usedBytes;
  };
  const set = () => sim.set("key", "x".repeat(500)).wait();
  sim.run(1000);
  fill(first);
  while (sim.leader() === first) set();
  first.disk.capacityBytes = Number.POSITIVE_INFINITY;
  sim.run(3000);
  const [other = first] = sim.others(sim.leader()).filter((node) => node !== first);
  fill(other);
  while (other.running?.log.hasRoom) set();
  sim.run(1000);
  expect(cluster.why(other).writes.code).toBe("flowing");
  set();
});
