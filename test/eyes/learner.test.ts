import { expect, test } from "bun:test";
import { simulate } from "../../src/simulation/simulation";

test("F8: a learner knows when nobody leads", () => {
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
