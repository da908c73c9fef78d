/** Changes of membership that go wrong half way, and what is left of the cluster then. */
import { describe, expect, test } from "bun:test";
import type { SimulatedNode } from "../../src/simulation/node";
import { simulate } from "../../src/simulation/simulation";

/** How many voters there are by the log of a node. */
const votersIn = ({ running }: SimulatedNode) =>
  running?.actor.raft.context.configurations.at(-1)?.configuration.voters.length;

/** Four nodes: the leader, two that follow it, and one that is dead and missed. */
function threeOfFour(streams: boolean) {
  const sim = simulate({ seed: 1, nodes: 4, streams });
  const leader = sim.leader();
  const [b, c, d] = sim.others(leader);
  if (!b || !c || !d) throw new Error("four nodes");
  sim.set("key", "1").wait();
  sim.run(1000);
  sim.kill(d);
  sim.run(2000);
  return { sim, leader, b, c };
}

for (const streams of [false, true])
  describe(streams ? "streams" : "messages", () => {
    test("of two, a leader that alone holds its own removal is still needed", () => {
      const sim = simulate({ seed: 1, nodes: 2, streams });
      const leader = sim.leader();
      const [other] = sim.others(leader);
      if (!other) throw new Error("two nodes");
      sim.set("key", "1").wait();
      sim.run(1000);
      sim.cut(leader, other);
      sim.removeMember(leader);
      sim.run(50);
      expect(votersIn(leader)).toBe(1);
      sim.kill(leader);
      sim.heal();
      sim.boot(leader);
      sim.run(30_000);
      sim.set("key", "2", { on: other }).wait();
    });

    test("of four with one dead, so is one that starts again", () => {
      const { sim, leader, b, c } = threeOfFour(streams);
      sim.cut(leader, b);
      sim.cut(leader, c);
      sim.removeMember(leader);
      sim.run(50);
      expect(votersIn(leader)).toBe(3);
      sim.kill(leader);
      sim.heal();
      sim.boot(leader);
      sim.run(30_000);
      sim.set("key", "2", { on: b }).wait();
    });

    test("of four with one dead, so is one that was cut off", () => {
      const { sim, leader, b } = threeOfFour(streams);
      sim.isolate(leader);
      sim.removeMember(leader, { on: leader });
      sim.run(5000);
      sim.heal();
      sim.run(30_000);
      sim.set("key", "2", { on: b }).wait();
    });

    test("two that have swapped their addresses find each other without the third", () => {
      const sim = simulate({ seed: 1, nodes: 3, streams });
      const leader = sim.leader();
      const [b, c] = sim.others(leader);
      if (!b || !c) throw new Error("three nodes");
      sim.set("key", "1").wait();
      sim.run(1000);
      const ab = sim.cluster.network.addressOf(b.id);
      const ac = sim.cluster.network.addressOf(c.id);
      sim.kill(b);
      sim.kill(c);
      sim.cluster.rehouse(b, "spare:1");
      sim.cluster.rehouse(c, ab);
      sim.cluster.rehouse(b, ac);
      sim.boot(b);
      sim.boot(c);
      sim.run(10_000);
      sim.set("key", "2").wait();
      sim.kill(leader);
      sim.run(20_000);
      sim.set("key", "3", { on: b }).wait();
    });
  });

test("a learner knows when nobody leads", () => {
  const sim = simulate({ seed: 1, nodes: 3 });
  sim.leader();
  sim.set("key", "1").wait();
  const four = sim.join();
  sim.addMember(four, { stays: true }).wait();
  sim.run(3000);
  for (const node of sim.others(four)) sim.kill(node);
  sim.run(60_000);
  const h = four.running?.actor.handle;
  const asked = sim.set("key", "2", { on: four, timeoutMs: 2000 });
  sim.run(5000);
  expect(h?.unreadiness()).toContain("no leader");
  expect(asked.error).toMatchObject({ code: "no_leader" });
});
