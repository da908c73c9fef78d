/** A disk that fills up under the leader: the others have room, and go on (promise 6). */
import { describe, expect, test } from "bun:test";
import type { SimulatedNode } from "../../src/simulation/node";
import { type Simulation, simulate } from "../../src/simulation/simulation";

/** More than the reserve of a simulated node and the room that its log has put by. */
const HUGE = "x".repeat(20_000);
const SMALL = "x".repeat(200);
/** As often as the keeper looks, twice. Units: ms. */
const NOTICED_MS = 2000;

/** Not a byte more than it holds now. */
const fill = ({ disk }: SimulatedNode) => {
  disk.capacityBytes = disk.usedBytes;
};
const empty = ({ disk }: SimulatedNode) => {
  disk.capacityBytes = Number.POSITIVE_INFINITY;
};
const contextOf = ({ running }: SimulatedNode) => {
  if (!running) throw new Error("the node runs");
  return running.actor.raft.context;
};

/** Three nodes that have served for a while, the leader first. */
function three(seed: number, options: { nodes?: number; streams?: boolean } = {}) {
  const sim = simulate({ seed, nodes: 3, ...options });
  sim.set("key", "1").wait();
  sim.run(1000);
  const leader = sim.leader();
  return { sim, leader, others: sim.others(leader) };
}

/** Sets until the leader knows that this disk is full; every one of them is taken. */
function setUntilFull(sim: Simulation, node: SimulatedNode) {
  for (let count = 0; !contextOf(sim.leader()).fullDisks.has(node.id); count++) {
    sim.set(`key-${count % 3}`, SMALL, { on: node }).wait();
  }
}

for (const streams of [false, true])
  describe(streams ? "streams" : "messages", () => {
    test("a leader down to its reserve hands over, and no write is refused", () => {
      for (let seed = 1; seed <= 3; seed++) {
        const { sim, leader } = three(seed, { streams });
        fill(leader);
        setUntilFull(sim, leader);
        for (let count = 0; count < 10; count++) {
          for (const on of sim.nodes) sim.set("after", `${count}`, { on }).wait();
        }
        expect(sim.leader().id).not.toBe(leader.id);
        sim.delete("after", { on: leader }).wait();
        const { term } = sim.leader().running?.actor.raft.standing ?? {};
        sim.run(3000);
        expect(sim.leader().running?.actor.raft.standing.term).toBe(term);
      }
    });

    test("so does one that is full to the last byte; it goes on knowing who leads", () => {
      for (let seed = 1; seed <= 3; seed++) {
        const { sim, leader } = three(seed, { streams });
        fill(leader);
        sim.set("huge", HUGE, { on: leader }).wait();
        expect(leader.running?.log.isFull).toBe(true);
        for (let count = 0; count < 10; count++) {
          for (const on of sim.nodes) sim.set("after", `${count}`, { on }).wait();
        }
        sim.run(3000);
        const successor = sim.leader();
        expect(successor.id).not.toBe(leader.id);
        expect(contextOf(leader).leaderId).toBe(successor.id);
        empty(leader);
        sim.run(NOTICED_MS);
        sim.until(() => sim.isAgreed);
        expect(sim.textAt(leader, "after")).toBe("9");
      }
    });
  });

test("a disk that fills right behind a check of the quorum refuses nobody either", () => {
  const { sim, leader } = three(1);
  sim.until(() => contextOf(leader).leadership?.heard.size === 0);
  fill(leader);
  sim.set("huge", HUGE, { on: leader });
  sim.run(5);
  expect(leader.running?.log.isFull).toBe(true);
  sim.set("after", "1", { on: leader }).wait();
  expect(sim.leader().id).not.toBe(leader.id);
});

test("two of three full: sets are refused, deletes go on, and nobody hands over", () => {
  const { sim, leader, others } = three(1);
  const [other] = others;
  const { currentTerm } = contextOf(leader);
  if (!other) throw new Error("three nodes");
  fill(other);
  setUntilFull(sim, other);
  fill(leader);
  const setOnce = () => sim.set("key", SMALL).wait();
  expect(() => {
    for (let count = 0; count < 100; count++) setOnce();
  }).toThrow("short of disk space");
  sim.delete("key").wait();
  sim.run(5000);
  expect(setOnce).toThrow("short of disk space");
  expect([sim.leader().id, contextOf(leader).currentTerm]).toEqual([leader.id, currentTerm]);
});

test("a successor that stands still costs a moment: then it is the other's turn", () => {
  const { sim, leader } = three(1, { nodes: 5 });
  fill(leader);
  // The first that is handed the office does not hear of it.
  sim.cluster.observe({
    onChanged(node, { leadership }) {
      const to = leadership?.transferTo;
      if (node === leader && to && !paused) {
        paused = sim.node(to);
        sim.cluster.clock.schedule(0, () => sim.pause(to));
      }
    },
  });
  let paused: SimulatedNode | null = null;
  setUntilFull(sim, leader);
  sim.until(() => sim.leader().id !== leader.id, 20_000);
  expect(paused).not.toBeNull();
  expect(sim.leader()).not.toBe(paused);
});

test("a full node whose log alone is up to date leads, until another holds it all", () => {
  const { sim, leader, others } = three(1);
  const [behind, ahead] = others;
  if (!behind || !ahead) throw new Error("three nodes");
  fill(ahead);
  sim.isolate(behind);
  setUntilFull(sim, ahead);
  sim.kill(leader);
  sim.heal();
  sim.until(() => ahead.running?.actor.raft.role === "Leader");
  sim.delete("key", { on: behind }).wait();
  sim.boot(leader);
  sim.until(() => sim.leader().id !== ahead.id);
  sim.set("key", "2", { on: ahead }).wait();
});

test("a node that starts with a full disk knows it at once", () => {
  const { sim, leader, others } = three(1);
  const [full = leader] = others;
  fill(full);
  setUntilFull(sim, full);
  sim.kill(full);
  sim.boot(full);
  expect(contextOf(full).fullDisks).toEqual(new Set([full.id]));
  empty(full);
  sim.run(NOTICED_MS);
  expect(contextOf(full).fullDisks).toEqual(new Set());
});
