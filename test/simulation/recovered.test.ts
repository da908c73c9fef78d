/** `balsa recover` on the wrong node. */
import { expect, test } from "bun:test";
import { carryOut, planRecovery } from "../../src/recover";
import { tinyStore } from "../../src/simulation/cluster";
import { Life } from "../../src/simulation/life";
import { simulate } from "../../src/simulation/simulation";
import { openStore } from "../../src/store/open-store";
import { diskId } from "../../src/types";

for (const streams of [false, true])
  test(`one stale node, recovered, ends no majority that lives (streams: ${streams})`, () => {
    const sim = simulate({ seed: 1, nodes: 3, streams });
    const leader = sim.leader();
    const [stale, other] = sim.others(leader);
    if (!stale || !other) throw new Error("three");
    sim.set("key", "1").wait();
    sim.run(1000);
    sim.kill(stale);
    sim.set("key", "2").wait();
    const life = new Life(() => {});
    const clock = sim.cluster.clock.clockOf(life, () => 0);
    const opened = openStore(stale.disk.mount(clock), {
      nodeId: stale.id,
      clusterId: null,
      founders: null,
      drawDiskId: () => diskId("x"),
      onDurable: () => {},
      onFatal: (e) => {
        throw e;
      },
      limits: tinyStore,
    });
    let done = false;
    carryOut(planRecovery(opened, null), opened, {
      wallMs: 1,
      done: () => {
        done = true;
      },
    });
    sim.run(1000);
    expect(done).toBe(true);
    stale.disk.kill();
    sim.boot(stale);
    sim.run(10_000);
    expect([leader.end, other.end]).toEqual([null, null]);
  });
