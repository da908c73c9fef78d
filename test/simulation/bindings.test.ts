/** Bindings of members to disks, over whole clusters. */
import { expect, test } from "bun:test";
import { simulate } from "../../src/simulation";
import type { SimulatedNode } from "../../src/simulation/node";

/** How many members the latest configuration in its log binds, and how many for good. */
function boundIn({ running }: SimulatedNode): { readonly inLog: number; readonly forGood: number } {
  const { commitIndex, configurations } = running?.actor.raft.context ?? {
    commitIndex: 0,
    configurations: [],
  };
  const count = (entry: (typeof configurations)[number] | undefined) =>
    (entry?.configuration.voters ?? []).filter(({ diskId }) => diskId !== null).length;
  return {
    inLog: count(configurations.at(-1)),
    forGood: count(configurations.findLast(({ index }) => index <= commitIndex)),
  };
}

test("a founder bound just before the leader is lost counts at once", () => {
  const sim = simulate({ seed: "late founder", nodes: 3 });
  sim.isolate(3);
  const leader = sim.leader();
  const [other] = sim.others(leader, 3);
  if (other === undefined) throw new Error("three nodes");
  sim.until(() => boundIn(other).forGood === 2);
  sim.heal();
  // The binding has reached the other's disk; nobody but the leader could know it is committed.
  sim.until(() => boundIn(other).inLog === 3);
  expect(boundIn(other).forGood).toBe(2);
  sim.losePower(leader);
  expect(sim.leader().id).toBe(other.id);
  sim.set("key", "value").wait();
  expect(sim.get("key").wait()?.value).toEqual({ kind: "text", text: "value" });
});
