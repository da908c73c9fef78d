/** Each state of trouble gets its true reason, from every side. */
import { expect, test } from "bun:test";
import type { NodeRef } from "../../src/simulation";
import { WatchedCluster } from "./watched-cluster";

/** Three nodes on real links, of which one leads, and some time in which all was well. */
function settled(options: { readonly snapshotEntries?: number } = {}) {
  const cluster = new WatchedCluster({ seed: 1, nodes: 3, streams: true, ...options });
  const { sim } = cluster;
  const leader = sim.leader();
  sim.run(1000);
  const [one = leader, other = leader] = sim.others(leader);
  const factOf = (ref: NodeRef, about: string) =>
    cluster.why(ref).facts.find((fact) => fact.about === about);
  const followerOf = (ref: NodeRef, follower: NodeRef) =>
    cluster.why(ref).followers.find(({ id }) => id === sim.node(follower).id);
  return { cluster, sim, leader, one, other, factOf, followerOf };
}

test("all is well, and says so", () => {
  const { cluster, leader, one, other } = settled();
  const office = "this node leads term 1, for 1 s; 3 of 3 voters reachable";
  expect(cluster.why(leader)).toMatchObject({
    ok: true,
    summary: `all is well: ${office}; writes flow`,
    writes: { code: "flowing" },
    followers: [{ code: "in_step" }, { code: "in_step" }],
  });
  for (const node of [one, other]) {
    expect(cluster.why(node).summary).toMatch(
      new RegExp(
        `^all is well: node ${leader.id} leads term 1, last heard \\d+ ms ago; ` +
          `3 of 3 voters reachable from here; writes flow to node ${leader.id}$`,
      ),
    );
  }
});

test("no quorum: who is missing, for how long, and what its machine says", () => {
  const { cluster, leader, one, other, sim } = settled();
  sim.kill(leader);
  sim.kill(other);
  sim.run(14_000);
  const why = cluster.why(one);
  const says =
    "2 voters needed, 1 reachable; " +
    [leader, other]
      .sort((a, b) => a.id - b.id)
      .map(({ id }) => `node ${id} unreachable for 14 s: connection refused`)
      .join("; ");
  expect(why).toMatchObject({
    ok: false,
    summary: `no leader: ${says}`,
    leader: { id: null, quorum: { voters: 3, needed: 2, reachable: 1 } },
    ready: { ok: false, says: `not ready: no leader is known: ${says}` },
    writes: { code: "no_leader", says: "nobody leads: writes wait for an election" },
  });
  // The same words as in the answer to a client.
  const write = sim.set("key", "value", { on: one, timeoutMs: 500 });
  sim.run(600);
  expect(write.error).toMatchObject({
    facts: { detail: says.replaceAll("14 s", "15 s"), outcome: "not_applied" },
  });
});

test("no quorum: a leader that lost its followers has no office to explain any more", () => {
  const { cluster, leader, one, other, sim } = settled();
  for (const node of [one, other]) sim.pause(node);
  sim.run(1000);
  const why = cluster.why(leader);
  expect(why.summary).toMatch(
    /^no leader: 2 voters needed, 1 reachable; node \d silent for .* s: /,
  );
  expect(why.lastElection?.leaderId).toBe(leader.id);
});

test("one link cut: the one behind it hears no leader, and nobody elects it", () => {
  const { cluster, followerOf, leader, one, other, sim } = settled();
  sim.cut(leader, one);
  sim.cut(one, leader);
  sim.run(8000);
  const link = `node ${one.id} unreachable for 8 s: no connection within 2 s`;
  expect(followerOf(leader, one)).toMatchObject({ ok: false, code: "link_down", says: link });
  expect(cluster.why(leader)).toMatchObject({ summary: link, writes: { code: "flowing" } });
  expect(cluster.why(other).ok).toBe(true);
  const [first, second] = cluster.why(one).summary.split("; node ").slice(1);
  const sides = [first, second].sort((a) => (a?.startsWith(`${leader.id}`) ? -1 : 1));
  expect(cluster.why(one).summary).toStartWith("no leader: 2 voters needed, 1 reachable; ");
  expect(sides[0]).toBe(`${leader.id} unreachable for 8 s: no connection within 2 s`);
  expect(sides[1]).toMatch(
    new RegExp(`^${other.id} silent for .*: its link is open, so it is stopped, or follows a lea`),
  );
});

test("follower behind: of one that a new leader never heard, only what is known", () => {
  const { followerOf, leader, one, other, sim } = settled();
  sim.set("key", "value").wait();
  sim.kill(leader);
  sim.run(5000);
  const next = sim.leader();
  expect([one, other]).toContain(next);
  expect(followerOf(next, leader)?.says).toMatch(/connection refused; up to \d entries behind$/);
});

test("disk full: sets are refused by a quorum without room, and one full disk is only told", () => {
  const { cluster, factOf, followerOf, leader, one, other, sim } = settled();
  one.disk.capacityBytes = one.disk.usedBytes;
  for (let count = 0; count < 20; count++) sim.set(`key ${count}`, "x".repeat(900)).wait();
  sim.run(3000);
  expect(followerOf(leader, one)).toMatchObject({ ok: false, code: "disk_full" });
  expect(factOf(one, "disk")).toMatchObject({ ok: false, says: expect.stringContaining("full") });
  expect(cluster.why(leader).writes.code).toBe("flowing");
  other.disk.capacityBytes = other.disk.usedBytes;
  for (let count = 0; count < 20; count++) sim.set(`more ${count}`, "x".repeat(900));
  sim.run(3000);
  const refused = sim.set("key", "value");
  sim.run(100);
  expect(refused.error).toMatchObject({ code: "out_of_space" });
  expect(cluster.why(leader).writes).toMatchObject({
    ok: false,
    code: "disk_full",
    says: "a quorum of nodes is short of disk space: sets are refused, deletes still work",
  });
});

test("clock stopped: a peer that is stopped, seen from outside and, afterwards, by itself", () => {
  const { factOf, followerOf, leader, one, sim } = settled();
  sim.pause(one);
  sim.run(1000);
  expect(followerOf(leader, one)).toMatchObject({
    code: "silent",
    says: expect.stringMatching(/^node \d silent for \d.* m?s: its link is open, so it is stopped/),
  });
  sim.run(9000);
  expect(followerOf(leader, one)).toMatchObject({
    code: "link_down",
    says: expect.stringMatching(
      /^node \d unreachable for 10 s: no greeting within 2 s: its machine answers, it does not$/,
    ),
  });
  sim.resume(one);
  sim.run(2000);
  expect(factOf(one, "clock")).toMatchObject({
    ok: false,
    says: expect.stringMatching(
      /^this node stood still for 9\.\d s, until 2 s ago: its process was stopped, or its machine/,
    ),
  });
});

test("clock stopped: a wall clock that is set is told, and decides nothing", () => {
  const { cluster, factOf, one, sim } = settled();
  one.wallOffsetMs = -3_600_000;
  sim.run(1000);
  expect(factOf(one, "clock")?.says).toMatch(
    /^the wall clock of this node was set back by 60 min, \d+ ms ago; nothing but dates depends/,
  );
  expect(cluster.why(one).leader.ok).toBe(true);
});

test("follower behind: for its disk makes nothing durable", () => {
  const { cluster, factOf, followerOf, leader, one, sim } = settled();
  one.disk.syncDelayMs = () => null;
  for (let count = 0; count < 5; count++) sim.set(`key ${count}`, "value").wait();
  sim.run(4000);
  expect(followerOf(leader, one)).toMatchObject({
    code: "slow_disk",
    behind: 5,
    says: expect.stringMatching(
      /^node \d answers, but has made nothing durable for 3\.\d s: its disk .*; 5 entries behind$/,
    ),
  });
  expect(factOf(one, "disk")?.says).toMatch(/^the disk of this node has made nothing durable for /);
  expect(cluster.why(leader).writes.code).toBe("flowing");
});

test("follower behind: it is sent a snapshot, so much of it", () => {
  const { followerOf, leader, one, sim } = settled({ snapshotEntries: 20 });
  sim.kill(one);
  sim.run(2000);
  for (let count = 0; count < 80; count++) sim.set(`key ${count}`, "x".repeat(200)).wait();
  sim.boot(one);
  sim.until(() => followerOf(leader, one)?.code === "snapshot");
  expect(followerOf(leader, one)?.says).toMatch(
    /^node \d has 0 % of the snapshot up to index \d+ \(\d+ KiB\), which it is sent; \d+ entries/,
  );
  sim.until(() => followerOf(leader, one)?.code === "in_step");
});

test("writes wait while the office is handed over, and for a leader's own disk", () => {
  const { cluster, leader, one, other, sim } = settled();
  one.disk.syncDelayMs = () => 2_000;
  other.disk.syncDelayMs = () => 2_000;
  sim.set("key", "value", { timeoutMs: 10_000 });
  sim.run(1900);
  expect(cluster.why(leader).writes).toMatchObject({
    code: "not_committed",
    says: expect.stringMatching(/^1 entry waits for 1\.\d s to be acknowledged by a majority$/),
  });
  sim.transfer(one);
  sim.run(50);
  expect(cluster.why(leader).writes).toMatchObject({
    code: "transferring",
    says: expect.stringMatching(/^the office is being handed over to node \d, for \d+ ms: writes/),
  });
});

test("a leader's disk that makes nothing durable holds up what only it can decide", () => {
  const timing = { electionTimeoutMs: 500, heartbeatIntervalMs: 100 };
  const cluster = new WatchedCluster({ seed: 1, nodes: 1, timing });
  const { sim } = cluster;
  const leader = sim.leader();
  sim.run(1000);
  leader.disk.syncDelayMs = () => null;
  sim.set("key", "value", { timeoutMs: 10_000 });
  sim.run(2500);
  const { facts, writes } = cluster.why(leader);
  expect(writes).toMatchObject({
    code: "not_durable",
    says: expect.stringMatching(/^1 entry waits for 2.* s: the disk of this node has made /),
  });
  expect(facts.find(({ about }) => about === "disk")?.ok).toBe(false);
});
