/** SIGTERM: leadership is handed over, what is in flight is finished, the exit code is 0. */
import { expect, test } from "bun:test";
import { withCluster } from "../harness/cluster";
import { pause } from "../harness/deadline";
import type { Mishap } from "../harness/history";
import { underLoad } from "../harness/load";
import { expectSound } from "../harness/verdict";

const ROUNDS = 3;
const STOP_MS_MAX = 5_000;
const HANDOVER_MS_MAX = 500;
const LOAD_BETWEEN_MS = 500;

/** HTTP cannot keep a client from asking just as an idle connection or the listener is closed. */
const CROSSING_MS_MAX = 100;

/** A node that says it is leaving, or has left, has failed nobody: the client goes to the next. */
function isFarewell({ kind, code, tookMs }: Mishap): boolean {
  if (kind === "failed") return code === "shutting_down" || code === "no_answer";
  return code === "no_answer" && tookMs < CROSSING_MS_MAX;
}

/** Failed although the cluster had no reason to let it wait long. */
const isUnexcused = (mishap: Mishap, leaving: number) =>
  mishap.tookMs <= HANDOVER_MS_MAX && (mishap.node !== leaving || !isFarewell(mishap));

test("SIGTERM of the leader under load hands leadership over", () =>
  withCluster({}, async (cluster) => {
    for (let round = 0; round < ROUNDS; round++) {
      const leader = await cluster.leader();
      const history = await underLoad(cluster, async () => {
        await pause(LOAD_BETWEEN_MS);
        const startMs = performance.now();
        const exit = leader.stop();
        expect(await cluster.writable(cluster.others(leader))).toBeLessThan(HANDOVER_MS_MAX);
        expect(await exit).toBe(0);
        expect(performance.now() - startMs).toBeLessThan(STOP_MS_MAX);
        await pause(LOAD_BETWEEN_MS);
      });
      expect(history.mishaps.filter((mishap) => isUnexcused(mishap, leader.id))).toEqual([]);
      expectSound(history);
      leader.start();
      await cluster.catchesUp(leader);
    }
  }));

test("all nodes get SIGTERM at once, under load: exit code 0 within 5 s, nothing is lost", () =>
  withCluster({}, async (cluster) => {
    const history = await underLoad(cluster, async () => {
      await pause(LOAD_BETWEEN_MS);
      const startMs = performance.now();
      const codes = await Promise.all(cluster.nodes.map((node) => node.stop()));
      expect(codes).toEqual([0, 0, 0]);
      expect(performance.now() - startMs).toBeLessThan(STOP_MS_MAX);
      cluster.start();
      await cluster.writable();
    });
    expectSound(history);
  }));

test("a second signal during the stop changes nothing", () =>
  withCluster({}, async (cluster) => {
    const node = await cluster.leader();
    node.signal("SIGINT");
    node.signal("SIGTERM");
    expect(await node.stop()).toBe(0);
  }));
