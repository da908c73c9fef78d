/** The kit's snapshots: taken when asked and by themselves, and sent to whoever lags behind. */
import { describe, expect, test } from "bun:test";
import { type Simulation, simulate } from "../../src/simulation";

function write(sim: Simulation, count: number): void {
  for (let place = 0; place < count; place++) sim.set("key", `${place}`).wait();
}

describe("snapshots", () => {
  test("are taken when asked for, and hold what was applied", () => {
    const sim = simulate({ seed: "snapshots", nodes: 3, snapshotEntries: 1_000_000 });
    const leader = sim.leader();
    write(sim, 3);
    const { lastIndex } = sim.takeSnapshot(leader).wait();
    expect(lastIndex).toBe(leader.witness.lastIndex);
    // Of the same state there is nothing new to hold.
    expect(sim.takeSnapshot(leader).wait().lastIndex).toBe(lastIndex);
    expect(leader.running?.snapshots.published).toHaveLength(1);
  });

  test("are taken every so many entries, and the log is cut behind the one before", () => {
    const sim = simulate({ seed: "snapshots", nodes: 3, snapshotEntries: 10 });
    write(sim, 40);
    sim.run(100);
    for (const { running } of sim.nodes) {
      const [newest, older] = running?.snapshots.published ?? [];
      expect(newest?.lastIndex ?? 0).toBeGreaterThan(25);
      expect(running?.log.baseIndex).toBe(older?.lastIndex);
    }
  });

  test("bring a node up that lacks what the others have cut off", () => {
    const sim = simulate({ seed: "snapshots", nodes: 3, snapshotEntries: 10 });
    const [laggard] = sim.others(sim.leader());
    if (laggard === undefined) throw new Error("three nodes");
    sim.kill(laggard);
    write(sim, 40);
    sim.boot(laggard);
    sim.until(() => sim.isAgreed);
    expect(sim.textAt(laggard, "key")).toBe("39");
    expect(laggard.running?.log.baseIndex).toBeGreaterThan(10);
  });

  test("a node starts from its own again", () => {
    const sim = simulate({ seed: "snapshots", nodes: 1, snapshotEntries: 10 });
    const only = sim.leader();
    write(sim, 25);
    sim.run(100);
    sim.losePower(only);
    sim.boot(only);
    expect(only.running?.recovered.snapshot?.info.lastIndex).toBeGreaterThan(15);
    expect(sim.get("key").wait()?.value).toEqual({ kind: "text", text: "24" });
  });
});
