/** The kit's part of membership: nodes that come, go and move, as a user of the kit writes it. */
import { describe, expect, test } from "bun:test";
import { configurationOf } from "../../src/machines/raft/context";
import { type Simulation, simulate } from "../../src/simulation/simulation";

const idsOf = (sim: Simulation) => {
  const context = sim.leader().running?.actor.raft.context;
  if (!context) throw new Error("the leader runs");
  const { learners, removed, voters } = configurationOf(context);
  const ids = (members: readonly { readonly id: number }[]) => members.map(({ id }) => id);
  return { voters: ids(voters), learners: ids(learners), removed: ids(removed) };
};

for (const streams of [false, true]) {
  describe(streams ? "over the production links" : "message by message", () => {
    const begin = (nodes: number) => {
      const sim = simulate({ seed: 1, nodes, streams });
      sim.leader();
      sim.set("key", "1").wait();
      return sim;
    };

    test("a node that joins is promoted by itself", () => {
      const sim = begin(3);
      const fourth = sim.join();
      expect(sim.addMember(fourth).wait().isPending).toBe(false);
      expect(idsOf(sim)).toEqual({ voters: [1, 2, 3], learners: [4], removed: [] });
      sim.until(() => idsOf(sim).voters.length === 4);
      sim.set("key", "2").wait();
      sim.until(() => sim.textAt(fourth, "key") === "2");
    });

    test("a learner that stays is promoted by hand", () => {
      const sim = begin(3);
      const fourth = sim.join();
      sim.addMember(fourth, { stays: true }).wait();
      sim.run(3000);
      expect(idsOf(sim).learners).toEqual([4]);
      sim.promote(fourth).wait();
      expect(idsOf(sim)).toEqual({ voters: [1, 2, 3, 4], learners: [], removed: [] });
    });

    test("a follower that is removed is told and stops, and again when it comes back", () => {
      const sim = begin(3);
      const [victim] = sim.others(sim.leader());
      if (!victim) throw new Error("three nodes");
      sim.removeMember(victim).wait();
      sim.until(() => victim.end?.kind === "removed");
      sim.boot(victim);
      sim.until(() => victim.end?.kind === "removed");
      sim.set("key", "2").wait();
    });

    test("a leader that is removed hands over and stops", () => {
      const sim = begin(3);
      const first = sim.leader();
      sim.removeMember(first, { on: sim.others(first)[0] ?? first }).wait();
      sim.until(() => first.end?.kind === "removed");
      expect(sim.leader({ except: [first] }).id).not.toBe(first.id);
      sim.set("key", "2").wait();
    });

    test("the office goes to whom it is given, but to no learner", () => {
      const sim = begin(3);
      const [heir] = sim.others(sim.leader());
      if (!heir) throw new Error("three nodes");
      expect(sim.transfer(heir).wait()).toBe(heir.id);
      const fourth = sim.join();
      sim.addMember(fourth, { stays: true }).wait();
      sim.run(2000);
      expect(() => sim.transfer(fourth).wait()).toThrow("learner");
    });

    test("a node that starts elsewhere is found there", () => {
      const sim = begin(3);
      const [mover, other] = sim.others(sim.leader());
      if (!mover || !other) throw new Error("three nodes");
      sim.move(mover, "elsewhere:9080");
      sim.run(3000);
      sim.kill(other);
      sim.set("key", "2").wait();
      sim.until(() => sim.textAt(mover, "key") === "2");
    });

    test("a wiped disk under an old id is refused, and a new id takes its place", () => {
      const sim = begin(3);
      const [victim] = sim.others(sim.leader());
      if (!victim) throw new Error("three nodes");
      sim.run(1000);
      sim.wipe(victim);
      sim.boot(victim);
      sim.until(() => victim.end?.kind === "stopped");
      sim.removeMember(victim).wait();
      expect(() => sim.addMember(victim).wait()).toThrow("never used again");
      sim.addMember(sim.join()).wait();
      sim.until(() => idsOf(sim).voters.length === 3);
    });

    test("a voter that was greeted before anybody was added answers who leads by then", () => {
      const sim = begin(3);
      const first = sim.leader();
      const [lagging, other] = sim.others(first);
      if (!lagging || !other) throw new Error("three nodes");
      const fourth = sim.join();
      sim.run(200);
      for (const voter of [first, other]) sim.cut(voter, lagging);
      sim.addMember(fourth, { on: first }).wait();
      sim.until(() => idsOf(sim).voters.length === 4);
      sim.transfer(fourth).wait();
      sim.set("key", "2").wait();
      sim.until(() => sim.textAt(lagging, "key") === "2");
    });

    test("a voter that was away finds those who came meanwhile", () => {
      const sim = begin(3);
      const [away] = sim.others(sim.leader());
      if (!away) throw new Error("three nodes");
      sim.losePower(away);
      const fourth = sim.join();
      sim.addMember(fourth).wait();
      sim.until(() => idsOf(sim).voters.length === 4);
      const gone = sim.leader();
      sim.removeMember(gone, { on: fourth }).wait();
      sim.until(() => gone.end !== null);
      for (const node of sim.others(away, fourth)) sim.kill(node);
      sim.boot(away);
      sim.leader();
      sim.set("key", "2").wait();
    });
  });
}
