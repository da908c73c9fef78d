/** What the machines tell of a cluster's life, read as one reads the paper. */
import { expect, test } from "bun:test";
import { WatchedCluster } from "./watched-cluster";

test("from start to failover it reads like the paper", () => {
  const cluster = new WatchedCluster({ seed: 1, nodes: 3 });
  const { sim } = cluster;
  const first = sim.leader();
  sim.set("a", "1").wait();
  sim.kill(first);
  sim.leader({ except: [first] });
  sim.run(500);
  expect(cluster.story("raft")).toEqual([
    "node 1 raft: · → follower.awaiting, a node starts as a follower, in term 0",
    "node 2 raft: · → follower.awaiting, a node starts as a follower, in term 0",
    "node 3 raft: · → follower.awaiting, a node starts as a follower, in term 0",
    "node 3 raft: follower.awaiting → preCandidate, heard no leader for 184 ms",
    "node 3 raft: preCandidate → candidate, 2 of 3 voters (nodes 2 and 3) would elect this node",
    "node 3 raft: candidate → leader.serving, won term 1 with 2 of 3 votes (nodes 1 and 3)",
    "node 2 raft: follower.awaiting → follower.leased, node 3 leads term 1",
    "node 1 raft: follower.awaiting → follower.leased, node 3 leads term 1",
    "node 2 raft: follower.leased → follower.awaiting, heard nothing from node 3 for 150 ms",
    "node 1 raft: follower.leased → follower.awaiting, heard nothing from node 3 for 150 ms",
    "node 1 raft: follower.awaiting → preCandidate, heard no leader for 151 ms",
    "node 1 raft: preCandidate → candidate, 2 of 3 voters (nodes 1 and 2) would elect this node",
    "node 1 raft: candidate → leader.serving, won term 2 with 2 of 3 votes (nodes 1 and 2)",
    "node 2 raft: follower.awaiting → follower.leased, node 1 leads term 2",
  ]);
  const last = (node: number) => cluster.observatory(node).why().why.lastElection;
  expect(last(1)).toMatchObject({
    term: 2,
    leaderId: 1,
    says:
      "this node won term 2 with 2 of 3 votes (nodes 1 and 2), because this node heard nothing " +
      "from node 3 for 150 ms",
  });
  expect(last(2)?.says).toBe(
    "node 1 leads term 2, because this node heard nothing from node 3 for 150 ms",
  );
});

test("an office handed over, a leader cut off, a member that comes and one that goes", () => {
  const cluster = new WatchedCluster({ seed: 3, nodes: 3 });
  const { sim } = cluster;
  const first = sim.leader();
  sim.run(500);
  const second = sim.node(sim.transfer(null).wait());
  sim.run(500);
  sim.isolate(second);
  sim.run(1000);
  const third = sim.leader({ except: [second] });
  sim.heal();
  sim.run(1000);
  const fourth = sim.join();
  sim.addMember(fourth).wait();
  sim.run(2000);
  sim.removeMember(third, { on: fourth }).wait();
  sim.run(1000);
  const told = (node: number) =>
    cluster.transitions(node, "raft").map(({ from, reason, to }) => [from, to, reason]);
  expect(told(first.id)).toContainEqual([
    "leader.serving",
    "leader.transferring",
    `hands its office over to node ${second.id}`,
  ]);
  expect(told(second.id)).toContainEqual([
    "follower.leased",
    "candidate",
    `node ${first.id} hands its office over to this node`,
  ]);
  expect(told(second.id)).toContainEqual([
    "leader.serving",
    "follower.awaiting",
    `heard from 1 of 3 voters (node ${second.id}) within 150 ms, 2 needed`,
  ]);
  const removal = ["its own removal is in its log: it takes nothing more until that is committed"];
  expect(told(third.id)).toContainEqual(["leader.serving", "leader.leaving", ...removal]);
  expect(told(third.id)).toContainEqual([
    "leader.leaving",
    "follower.awaiting",
    "its own removal is committed",
  ]);
  const members = cluster.transitions(fourth, "membership").map(({ reason }) => reason);
  expect(members.join("\n")).toMatch(
    /nodes 1, 2 and 3 may vote, and node 4 may learn.*nodes 1, 2, 3 and 4 may vote, once entry/s,
  );
});

test("a moment without word of the leader is no reason for an election much later", () => {
  const cluster = new WatchedCluster({ seed: 2, nodes: 3 });
  const { sim } = cluster;
  const leader = sim.leader();
  const [one = leader] = sim.others(leader);
  sim.run(500);
  sim.cut(leader, one);
  sim.until(() => cluster.transitions(one, "raft").at(-1)?.to === "follower.awaiting");
  sim.heal();
  sim.run(500);
  expect(cluster.transitions(one, "raft").at(-1)?.to).toBe("follower.leased");
  const [successor = leader] = sim.others(leader, one);
  sim.transfer(successor).wait();
  sim.run(500);
  expect(cluster.why(one).lastElection?.says).toMatch(
    /^node (\d) leads term \d, because this node voted for node \1 in term \d, whom the leader a/,
  );
});

test("a follower that lacks what is compacted is brought up, step by step", () => {
  const cluster = new WatchedCluster({ seed: 1, nodes: 3, snapshotEntries: 20 });
  const { sim } = cluster;
  const leader = sim.leader();
  const [away = leader] = sim.others(leader);
  sim.run(200);
  sim.kill(away);
  // A leader keeps its log for one that answered lately.
  sim.run(2000);
  for (let count = 0; count < 80; count++) sim.set(`key ${count}`, "value").wait();
  sim.boot(away);
  sim.until(() => sim.isAgreed);
  sim.run(200);
  const replicator = cluster.transitions(leader, `replicator/${away.id}`);
  const states = replicator.map(({ to }) => to);
  expect(states).toEqual([
    ...["probe.waiting", "replicate", "probe.idle", "probe.waiting"],
    ...["snapshot.probing", "snapshot.streaming", "replicate"],
  ]);
  const [behind, , done] = replicator.slice(-3);
  expect(behind?.reason).toMatch(/^node \d lacks entries up to index \d+ that the log holds no /);
  expect(done?.reason).toMatch(/^node \d holds the snapshot: its log goes on from index \d+$/);
  const compaction = cluster.transitions(leader, "compaction").map(({ to }) => to);
  expect(compaction.slice(0, 6)).toEqual([
    ...["idle", "snapshotting.writing", "publishing.syncing", "publishing.naming"],
    ...["truncating", "idle"],
  ]);
});

test("after a restart the journal still has it, and the numbers go on", () => {
  const cluster = new WatchedCluster({ seed: 1, nodes: 3 });
  const { sim } = cluster;
  const leader = sim.leader();
  sim.run(500);
  const before = cluster.transitions(leader);
  sim.kill(leader);
  sim.boot(leader);
  sim.run(500);
  const after = cluster.transitions(leader);
  expect(after.slice(0, before.length)).toEqual([...before]);
  expect(after.map(({ seq }) => seq)).toEqual(after.map((_, place) => place + 1));
  expect(after[before.length]).toMatchObject({
    machine: "recovery",
    event: "started",
    reason: expect.stringMatching(/^start 2, after one that ended without a word: found \d+ log /),
  });
});

test("a cluster that is well tells nothing", () => {
  const cluster = new WatchedCluster({ seed: 1, nodes: 3, streams: true });
  const { sim } = cluster;
  const counts = () => sim.nodes.map((node) => cluster.transitions(node).length);
  sim.leader();
  sim.run(500);
  const before = counts();
  for (let count = 0; count < 20; count++) sim.set("key", `${count}`).wait();
  // Its links ask for signs of life meanwhile.
  sim.run(2500);
  expect(counts()).toEqual(before);
});
