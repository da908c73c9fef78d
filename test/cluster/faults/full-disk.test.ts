/** A disk that is full: sets are refused, deletes are served, and room heals it (promise 5). */
import { expect, test } from "bun:test";
import type { Cluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { mayMount, resizeDisk, withSmallDisks } from "../harness/small-disks";

/** The reserve of 16 MiB, and a few MiB of log. */
const SMALL_DISK = "size=28m";
const LARGE_DISK = "size=128m";
const VALUE = "x".repeat(256 * 1024);
const SETS_MAX = 100;
const HEAL_MS_MAX = 20_000;
/** A set that finds the leader handing over takes no longer. Units: ms. */
const SET_MS_MAX = 4_000;

/** Sets keys until one is refused; answers how many were taken, the refusal, and the longest. */
async function fill(cluster: Cluster) {
  let slowestMs = 0;
  for (let taken = 0; taken < SETS_MAX; taken++) {
    const startMs = performance.now();
    const reply = await cluster.ask(cluster.inTurn(), (client) => client.set(`k${taken}`, VALUE));
    if (!reply.ok) return { taken, refusal: reply, slowestMs };
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
  }
  return { taken: SETS_MAX, refusal: null, slowestMs };
}

test.skipIf(!mayMount)("one full follower does not stop the cluster", () =>
  withSmallDisks({ ids: [1], size: SMALL_DISK }, async (cluster) => {
    const { taken } = await fill(cluster);
    expect(taken).toBe(SETS_MAX);
    await cluster.writable();
  }),
);

test.skipIf(!mayMount)("a leader whose disk fills up hands over, and no set is refused", () =>
  withSmallDisks({ ids: [1, 2, 3], size: LARGE_DISK }, async (cluster) => {
    await cluster.writable();
    const full = await cluster.leader();
    expect(resizeDisk(full, SMALL_DISK)).toBe(true);
    // Down to the reserve first, and to the last byte then.
    for (const _ of ["reserve", "last byte"]) {
      const { refusal, slowestMs, taken } = await fill(cluster);
      expect([taken, refusal]).toEqual([SETS_MAX, null]);
      expect(slowestMs).toBeLessThan(SET_MS_MAX);
    }
    expect(full.logTail()).toMatch(/handing over to node \d.*its own disk is full/);
    const successor = await cluster.leader();
    expect(successor.id).not.toBe(full.id);
    expect(await cluster.self(full)).toMatchObject({ role: "Follower", healthy: true });

    const deleted = await cluster.ask(full, (client) => client.delete("k1"));
    expect(deleted.ok && deleted.body.deleted).toBe(true);
    expect(resizeDisk(full, LARGE_DISK)).toBe(true);
    await cluster.caughtUp(HEAL_MS_MAX);
    expect((await cluster.leader()).id).toBe(successor.id);
  }),
);

test.skipIf(!mayMount)(
  "a full quorum: 507 for sets, deletes still work, back once there is room",
  () =>
    withSmallDisks({ ids: [1, 2, 3], size: SMALL_DISK }, async (cluster) => {
      const { taken, refusal } = await fill(cluster);
      expect(taken).toBeGreaterThan(1);
      expect(refusal).toMatchObject({ status: 507, code: "out_of_space", outcome: "not_applied" });
      expect(cluster.running).toHaveLength(3);

      for (const node of cluster.nodes) {
        const kept = await cluster.ask(node, (client) => client.get("k0"));
        expect(kept.ok && kept.body.value).toBe(VALUE);
      }
      const deleted = await cluster.ask(cluster.inTurn(), (client) => client.delete("k1"));
      expect(deleted.ok && deleted.body.deleted).toBe(true);

      for (const node of cluster.nodes) {
        expect(resizeDisk(node, LARGE_DISK)).toBe(true);
      }
      await eventually("sets to be taken again", HEAL_MS_MAX, async () => {
        const reply = await cluster.ask(cluster.inTurn(), (client) => client.set("after", VALUE));
        return reply.ok ? true : null;
      });
      await cluster.caughtUp();
    }),
);
