/** What a node tells of its starts and ends, and whether it speaks the charts' language. */
import { describe, expect, test } from "bun:test";
import { charts } from "../../src/machines/chart/charts";
import { defineChart } from "../../src/machines/chart/definition";
import type { LifeEnd } from "../../src/observe/recorder";
import { SimulatedDisk } from "../../src/simulation/disk";
import { VirtualClock } from "../actors/links/virtual-clock";
import { stillObservatory } from "./still-situation";
import { WatchedCluster } from "./watched-cluster";

describe("a start", () => {
  const startAfter = (event: LifeEnd | null) => {
    const clock = new VirtualClock();
    const disk = new SimulatedDisk();
    const life = () => {
      const options = { clock, files: disk.mount(clock) };
      return stillObservatory(options).observatory;
    };
    const before = life();
    if (event !== null) before.end(event, "for a reason");
    clock.settle();
    const page = life().transitions({ machine: null, from: null }, 100);
    return page.items.map(({ event: told, reason, seq }) => `${seq} ${told}: ${reason}`);
  };

  test("knows that the life before has ended without a word", () => {
    expect(startAfter(null)).toEqual([
      "1 started: start 2: found 0 log entries, term 3",
      "2 started: start 2, after one that ended without a word: found 0 log entries, term 3",
    ]);
  });
  test("knows that it has ended in good order, or by a fault", () => {
    expect(startAfter("stopped").slice(1)).toEqual([
      "2 stopped: for a reason",
      "3 started: start 2, after one that ended in good order: found 0 log entries, term 3",
    ]);
    expect(startAfter("failed").at(-1)).toContain("after one that ended by a fault");
  });
});

describe("a node that has forgotten what it acknowledged", () => {
  test("is quarantined until it holds it again", () => {
    const cluster = new WatchedCluster({ seed: 1, nodes: 3 });
    const { sim } = cluster;
    const leader = sim.leader();
    const [away = leader] = sim.others(leader);
    for (let count = 0; count < 60; count++) sim.set(`${count}`, "x".repeat(900)).wait();
    sim.run(3000);
    sim.losePower(away);
    const log = away.disk.list().filter((name) => name.startsWith("log-"));
    for (const name of log.slice(1)) away.disk.lose(name);
    sim.boot(away);
    sim.until(() => sim.isAgreed);
    sim.run(200);
    const told = cluster.transitions(away, "recovery");
    expect(told.slice(-2).map(({ from, to }) => [from, to])).toEqual([
      [null, "quarantined"],
      ["quarantined", "recovered"],
    ]);
    expect(told.at(-2)?.reason).toContain("no vote until it is there again");
    expect(told.at(-1)?.reason).toBe("it holds again all that it may have acknowledged");
  });
});

test("events are called what the charts call them", () => {
  const cluster = new WatchedCluster({ seed: 5, nodes: 3, snapshotEntries: 30 });
  const { sim } = cluster;
  for (let round = 0; round < 2; round++) {
    const leader = sim.leader();
    for (let count = 0; count < 20; count++) sim.set(`${count}`, "value").wait();
    sim.transfer(null);
    sim.run(300);
    sim.isolate(leader);
    sim.run(2000);
    sim.heal();
    sim.run(1000);
    sim.kill(sim.leader());
    sim.run(1000);
    sim.cluster.boot();
  }
  // The store's completion of an append may be what a step of a leader came from.
  const ours = new Set(["started", "stopped"]);
  for (const chart of ["raft", "replicator", "compaction"]) {
    const { transitions } = defineChart(charts[chart] ?? expect.unreachable());
    const triggers = new Set(transitions.map(({ event }) => event));
    const told = sim.nodes.flatMap((node) => cluster.transitions(node, chart));
    const events = new Set(told.map(({ event }) => event));
    expect(told.length).toBeGreaterThan(10);
    expect([...events].filter((event) => !triggers.has(event) && !ours.has(event))).toEqual([]);
  }
});
