/** `kill -9` of every node at once (promise 1: OK means durable). */
import { test } from "bun:test";
import { withCluster } from "../harness/cluster";
import { pause } from "../harness/deadline";
import { underLoad } from "../harness/load";
import { expectSound } from "../harness/verdict";

const ROUNDS = 4;
const LOAD_BEFORE_KILL_MS = 700;
/** How long the leader is left to itself: less than it takes to notice. */
const ALONE_MS = 150;

test("all three are killed at once and come back: every acknowledged write is there", () =>
  withCluster({}, async (cluster) => {
    const history = await underLoad(cluster, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await pause(LOAD_BEFORE_KILL_MS);
        for (const node of cluster.nodes) node.signal("SIGKILL");
        await Promise.all(cluster.nodes.map((node) => node.kill()));
        cluster.start();
        await cluster.writable();
      }
    });
    await cluster.caughtUp();
    expectSound(history);
  }));

test("the leader dies last and returns last: what it alone held was never acknowledged", () =>
  withCluster({}, async (cluster) => {
    const history = await underLoad(cluster, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await pause(LOAD_BEFORE_KILL_MS);
        const leader = await cluster.leader();
        const others = cluster.others(leader);
        await Promise.all(others.map((node) => node.kill()));
        await pause(ALONE_MS);
        await leader.kill();
        for (const node of others) node.start();
        await cluster.writable();
        leader.start();
        await cluster.catchesUp(leader);
      }
    });
    await cluster.caughtUp();
    expectSound(history);
  }));
