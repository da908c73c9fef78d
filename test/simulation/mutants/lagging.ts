/** How a node comes to lack what the leader's log no longer holds. */
import type { SimulatedNode } from "../../../src/simulation/node";
import type { Simulation } from "../../../src/simulation/simulation";

/** Writes, and has the leader take a snapshot, until its log is cut behind what was written. */
export function compact(kit: Simulation, leader: SimulatedNode): void {
  for (const round of ["first", "second"]) {
    for (let count = 0; count < 3; count++) {
      kit.set("key", `${round}-${count}`, { on: leader }).wait();
    }
    kit.takeSnapshot(leader).wait();
  }
}

/** One that is cut off while all this happens. */
export function leaveBehind(kit: Simulation): { leader: SimulatedNode; laggard: SimulatedNode } {
  const leader = kit.leader();
  kit.run(1000);
  const [laggard] = kit.others(leader);
  if (laggard === undefined) throw new Error("three nodes");
  kit.isolate(laggard);
  // For one that was heard of late the leader would keep what it needs.
  kit.run(1000);
  compact(kit, leader);
  return { leader, laggard };
}
