import { describe, expect, test } from "bun:test";
import { simulate } from "../../src/simulation/simulation";

for (const streams of [false, true])
  describe(streams ? "streams" : "messages", () => {
    test("F1a: of two, a leader that alone holds its own removal is still needed", () => {
      const sim = simulate({ seed: 1, nodes: 2, streams });
      const leader = sim.leader();
      const [other] = sim.others(leader);
      if (!other) throw new Error("two");
      sim.set("key", "1").wait();
      sim.run(1000);
      sim.cut(leader, other);
      sim.removeMember(leader);
      sim.run(50);
      expect(
        leader.running?.actor.raft.context.configurations.at(-1)?.configuration.voters.length,
      ).toBe(1);
      sim.kill(leader);
      sim.heal();
      sim.boot(leader);
      sim.run(30_000);
      sim.set("key", "2", { on: other }).wait();
    });

    test("F1b: four, one dead: remove the leader, leader restarts", () => {
      const sim = simulate({ seed: 1, nodes: 4, streams });
      const leader = sim.leader();
      const [b, c, d] = sim.others(leader);
      if (!b || !c || !d) throw new Error("four");
      sim.set("key", "1").wait();
      sim.run(1000);
      sim.kill(d);
      sim.run(2000);
      sim.cut(leader, b);
      sim.cut(leader, c);
      sim.removeMember(leader);
      sim.run(50);
      expect(
        leader.running?.actor.raft.context.configurations.at(-1)?.configuration.voters.length,
      ).toBe(3);
      sim.kill(leader);
      sim.heal();
      sim.boot(leader);
      sim.run(30_000);
      sim.set("key", "2", { on: b }).wait();
    });

    test("F1c: no crash at all: four, one dead; leader cut off while it is removed", () => {
      const sim = simulate({ seed: 1, nodes: 4, streams });
      const leader = sim.leader();
      const [b, c, d] = sim.others(leader);
      if (!b || !c || !d) throw new Error("four");
      sim.set("key", "1").wait();
      sim.run(1000);
      sim.kill(d);
      sim.run(2000);
      sim.isolate(leader);
      sim.removeMember(leader, { on: leader });
      sim.run(5000);
      sim.heal();
      sim.run(30_000);
      sim.set("key", "2", { on: b }).wait();
    });

    test("F2: swap of two addresses, then the third dies", () => {
      const sim = simulate({ seed: 1, nodes: 3, streams });
      const leader = sim.leader();
      const [b, c] = sim.others(leader);
      if (!b || !c) throw new Error("three");
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
