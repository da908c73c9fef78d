/** Members that die: how many a cluster bears, and removing one more than it bears. */
import { expect, test } from "bun:test";
import { sameContents } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import { underLoad } from "../harness/load";
import { expectFarewell, operate, type RemovedBody, votersBy } from "../harness/members";
import type { NodeProcess } from "../harness/node-process";
import { expectSound } from "../harness/verdict";

const TIMEOUT_MS = 1_000;
const NOTICED_MS_MAX = 10_000;

/** Waits until `node` knows that nobody leads. */
const noticesSilence = (cluster: Cluster, node: NodeProcess) =>
  eventually(`node ${node.id} to know no leader`, NOTICED_MS_MAX, async () =>
    (await cluster.status(node)).leader === null ? true : null,
  );

test("five nodes: with two killed they serve, with three they say 503, and back they serve", () =>
  withCluster({ size: 5 }, async (cluster) => {
    const history = await underLoad(
      cluster,
      async () => {
        const leader = await cluster.leader();
        const [first, second, ...others] = [leader, ...cluster.others(leader)];
        if (!first || !second) throw new Error("five nodes");
        await Promise.all([first.kill(), second.kill()]);
        const gapMs = await cluster.writable(others);
        console.log(`two of five killed, the leader too: writable after ${Math.round(gapMs)} ms`);
        for (const node of others) await cluster.writable([node]);

        const third = await cluster.leader();
        await third.kill();
        const left = cluster.running;
        for (const node of left) {
          await noticesSilence(cluster, node);
          const reply = await cluster.ask(node, (client) =>
            client.set("alone", node.id, { timeoutMs: TIMEOUT_MS }),
          );
          expect(reply).toMatchObject({ status: 503, code: "no_leader", outcome: "not_applied" });
          expect(!reply.ok && reply.detail).toContain("3 voters needed, 2 reachable");
        }
        third.start();
        await cluster.writable(left);
        first.start();
        second.start();
        for (const node of cluster.nodes) await cluster.catchesUp(node);
      },
      { clients: 16 },
    );
    const alone = await cluster.ask(cluster.inTurn(), (client) => client.get("alone"));
    expect(alone).toMatchObject({ ok: true, status: 404 });
    await cluster.caughtUp();
    await sameContents(cluster);
    expectSound(history);
  }));

const remove = (cluster: Cluster, node: NodeProcess, via: NodeProcess, force = "") =>
  operate<RemovedBody>(cluster, via, "DELETE", `members/${node.id}${force}`);

for (const who of ["a follower", "the leader"] as const) {
  test(`with one of three dead, ${who} is removed only by force; the two left serve later`, () =>
    withCluster({}, async (cluster) => {
      const leader = await cluster.leader();
      const [follower, dead] = cluster.others(leader);
      if (!follower || !dead) throw new Error("three nodes");
      const [goes, stays] = who === "the leader" ? [leader, follower] : [follower, leader];
      await cluster.ask(stays, (client) => client.set("before", "kept"));
      await dead.kill();
      await eventually("the dead one to be missed", NOTICED_MS_MAX, async () => {
        const { quorum } = await cluster.status(leader);
        return quorum.reachable === 2 ? true : null;
      });
      for (const via of [leader, follower]) {
        const refused = await remove(cluster, goes, via);
        expect(refused).toMatchObject({
          status: 409,
          code: "membership_conflict",
          outcome: "not_applied",
          detail:
            `without node ${goes.id} there are 2 voters: 2 needed, 1 reachable; ` +
            "with force=true it is removed all the same",
        });
      }
      // Nothing has happened: it serves as before.
      await cluster.writable([stays]);

      const forced = await remove(cluster, goes, stays, "?force=true");
      expect(forced).toMatchObject({ ok: true, status: 202, body: { committed: false } });
      await noticesSilence(cluster, stays);
      dead.start();
      cluster.dismiss(goes);
      await cluster.writable([stays, dead]);
      await eventually("the two to agree", NOTICED_MS_MAX, async () =>
        Bun.deepEquals(await votersBy(cluster, dead), [stays.id, dead.id].sort()) ? true : null,
      );
      await expectFarewell(goes);
      await cluster.writable([stays]);
      await cluster.writable([dead]);
      const kept = await cluster.ask(dead, (client) => client.get("before"));
      expect(kept).toMatchObject({ ok: true, body: { value: "kept" } });
      await cluster.caughtUp();
      await sameContents(cluster);
    }));
}

test("a dead one of three is removed without force, and the last two bear no other", () =>
  withCluster({}, async (cluster) => {
    const leader = await cluster.leader();
    const [dead, follower] = cluster.others(leader);
    if (!follower || !dead) throw new Error("three nodes");
    await dead.kill();
    expect(await remove(cluster, dead, follower)).toMatchObject({ ok: true, status: 200 });
    expect(await votersBy(cluster, leader)).toEqual([leader.id, follower.id].sort());
    await cluster.writable([follower]);
    // Coming back late, it is told.
    dead.start();
    await expectFarewell(dead);
    await cluster.writable([follower]);
  }));
