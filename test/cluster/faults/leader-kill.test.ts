/** `kill -9` of the leader under load, again and again (promises 1 to 4 and 6). */
import { expect, test } from "bun:test";
import { withCluster } from "../harness/cluster";
import { underLoad } from "../harness/load";
import { expectSound } from "../harness/verdict";

const ROUNDS = 20;
const RECOVERY_MS_MAX = 3_000;
const RECOVERY_MEDIAN_MS_MAX = 1_500;

const median = (values: readonly number[]) =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

test(`the leader is killed in ${ROUNDS} rounds: writable within 3 s, nothing lost`, () =>
  withCluster({}, async (cluster) => {
    const recoveriesMs: number[] = [];
    const history = await underLoad(cluster, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const leader = await cluster.leader();
        await leader.kill();
        recoveriesMs.push(await cluster.writable());
        leader.start();
        await cluster.catchesUp(leader);
      }
    });
    console.log(`writable after ms: ${recoveriesMs.map(Math.round).join(" ")}`);
    expect(Math.max(...recoveriesMs)).toBeLessThan(RECOVERY_MS_MAX);
    expect(median(recoveriesMs)).toBeLessThan(RECOVERY_MEDIAN_MS_MAX);
    await cluster.caughtUp();
    expectSound(history);
  }));
