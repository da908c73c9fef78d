/** Every node of three is replaced by a new one, while clients are at work. */
import { expect, test } from "bun:test";
import { sameContents } from "../harness/bulk";
import { withCluster } from "../harness/cluster";
import { pause } from "../harness/deadline";
import { underLoad } from "../harness/load";
import { grow, membersBy, shrink, votersBy } from "../harness/members";
import { isFullSize, sized } from "../harness/size";
import { expectSound } from "../harness/verdict";

const ROUNDS = sized(1, 4);
/** In the suite the machine is busy with other things. */
const RETRY_MS_MAX = sized(2_000, 1_000);
const flags = isFullSize ? [] : ["--election-timeout", "1500ms"];
/** Newcomers get a snapshot, not the log from its beginning. */
const joining = ["--snapshot-entries", "1000", ...flags];
const LOAD_BETWEEN_MS = 300;

test(`all three are replaced, ${ROUNDS} times: every request is answered, with few retries`, () =>
  withCluster({ flags: joining }, async (cluster) => {
    const founders = cluster.nodes;
    let lastId = founders.length;
    const history = await underLoad(
      cluster,
      async (seen) => {
        for (let round = 0; round < ROUNDS; round++) {
          for (const old of cluster.nodes) {
            const startMs = performance.now();
            await grow(cluster, cluster.newcomer(++lastId, joining));
            await shrink(cluster, old);
            await pause(LOAD_BETWEEN_MS);
            const slowestMs = Math.round(seen.slowestMs(startMs));
            console.log(`node ${lastId} for node ${old.id}: slowest request ${slowestMs} ms`);
          }
        }
      },
      { clients: 24, persistent: true },
    );
    expect(history.mishaps).toEqual([]);
    expect(history.slowestMs()).toBeLessThan(RETRY_MS_MAX);
    const ids = [lastId - 2, lastId - 1, lastId];
    for (const node of cluster.nodes) {
      expect(await votersBy(cluster, node)).toEqual(ids);
      const { removed } = await membersBy(cluster, node);
      expect(removed).toEqual(Array.from({ length: lastId - 3 }, (_, at) => at + 1));
    }
    expect(founders.map(({ isRunning }) => isRunning)).toEqual([false, false, false]);
    await cluster.caughtUp();
    await sameContents(cluster);
    expectSound(history);
  }));
