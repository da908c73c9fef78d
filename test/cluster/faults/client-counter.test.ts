/** The typed client through failures: a counter kept by conditional writes (promise 3). */
import { expect, test } from "bun:test";
import { createClient } from "../../../src/client";
import { increment } from "../../client/counter";
import { type Cluster, withCluster } from "../harness/cluster";

const KILLS = 10;
const CLIENTS = 4;
/** Longer than any election: no increment is given up. */
const TIMEOUT_MS = 60_000;

/** Counts until it is told to stop; answers how often it has. */
async function count(cluster: Cluster, at: number, story: { isOver: boolean }): Promise<number> {
  const endpoints = cluster.nodes.map(({ apiPort }) => `127.0.0.1:${apiPort}`);
  const inTurn = [...endpoints.slice(at % 3), ...endpoints.slice(0, at % 3)];
  const client = createClient({ endpoints: inTurn, timeoutMs: TIMEOUT_MS });
  let done = 0;
  while (!story.isOver) {
    await increment(client, "counter");
    done++;
  }
  return done;
}

test(`a counter is exact after ${KILLS} leaders were killed`, () =>
  withCluster({}, async (cluster) => {
    const story = { isOver: false };
    const counting = Array.from({ length: CLIENTS }, (_, at) => count(cluster, at, story));
    const counted = Promise.all(counting);
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const leader = await cluster.leader();
        await leader.kill();
        await cluster.writable();
        leader.start();
        await cluster.catchesUp(leader);
      }
    } finally {
      story.isOver = true;
    }
    const total = (await counted).reduce((sum, done) => sum + done, 0);
    console.log(`${total} increments by ${CLIENTS} clients through ${KILLS} kills`);
    expect(total).toBeGreaterThan(KILLS * CLIENTS);
    for (const node of cluster.nodes) {
      const client = createClient({ endpoints: [`127.0.0.1:${node.apiPort}`] });
      expect(await client.get("counter")).toMatchObject({ value: total, version: total });
    }
  }));
