/** Three nodes become five and three again, the leader leaving too, while clients are at work. */
import { expect, test } from "bun:test";
import { sameContents } from "../harness/bulk";
import { type Cluster, withCluster } from "../harness/cluster";
import { pause } from "../harness/deadline";
import type { LoadHistory } from "../harness/history";
import { underLoad } from "../harness/load";
import { grow, shrink, votersBy } from "../harness/members";
import type { NodeProcess } from "../harness/node-process";
import { isFullSize, sized } from "../harness/size";
import { expectSound } from "../harness/verdict";

const ROUNDS = sized(1, 5);
const SLOWEST_MS_MAX = 2_000;
/** In the suite the machine is busy with other things, which is no reason for an election. */
const flags = isFullSize ? [] : ["--election-timeout", "1500ms"];
const LOAD_BETWEEN_MS = 500;

/** Tells of each step how long the slowest request took, and what it did to the term. */
class Story {
  constructor(
    private readonly cluster: Cluster,
    private readonly history: LoadHistory,
  ) {}

  async step(what: string, elections: number, act: () => Promise<void>): Promise<void> {
    const before = await this.term();
    const startMs = performance.now();
    await act();
    const tookMs = performance.now() - startMs;
    await pause(LOAD_BETWEEN_MS);
    const slowestMs = this.history.slowestMs(startMs);
    console.log(`${what}: ${Math.round(tookMs)} ms, slowest request ${Math.round(slowestMs)} ms`);
    expect((await this.term()) - before).toBe(elections);
  }

  private async term() {
    return (await this.cluster.status(await this.cluster.leader())).term;
  }
}

async function aFollower(cluster: Cluster): Promise<NodeProcess> {
  const [follower] = cluster.others(await cluster.leader());
  if (!follower) throw new Error("a cluster of one");
  return follower;
}

test(`3 → 5 → 3, ${ROUNDS} times, the leader removed each time: nothing lost, nobody waits`, () =>
  withCluster({ flags }, async (cluster) => {
    const joining = ["--snapshot-entries", "2000", ...flags];
    const history = await underLoad(
      cluster,
      async (seen) => {
        const story = new Story(cluster, seen);
        await pause(LOAD_BETWEEN_MS);
        for (let round = 0; round < ROUNDS; round++) {
          for (const id of [4, 5].map((first) => first + 2 * round)) {
            await story.step(`node ${id} comes`, 0, () =>
              grow(cluster, cluster.newcomer(id, joining)),
            );
          }
          const follower = await aFollower(cluster);
          await story.step(`node ${follower.id}, a follower, goes`, 0, () =>
            shrink(cluster, follower),
          );
          const leader = await cluster.leader();
          await story.step(`node ${leader.id}, the leader, goes`, 1, () =>
            shrink(cluster, leader, cluster.inTurn()),
          );
        }
      },
      { clients: 24, persistent: true },
    );
    expect(history.mishaps).toEqual([]);
    expect(history.slowestMs()).toBeLessThan(SLOWEST_MS_MAX);
    for (const node of cluster.nodes) {
      const ids = cluster.nodes.map(({ id }) => id);
      expect(await votersBy(cluster, node)).toEqual(ids.sort((a, b) => a - b));
    }
    await cluster.caughtUp();
    await sameContents(cluster);
    expectSound(history);
  }));

test("each may be asked to remove itself, and answers before it ends", () =>
  withCluster({ size: 5, flags }, async (cluster) => {
    for (const who of ["a follower", "the leader", "a follower", "the leader"] as const) {
      const node = who === "the leader" ? await cluster.leader() : await aFollower(cluster);
      await shrink(cluster, node, node);
      await cluster.writable();
    }
    const [last] = cluster.nodes;
    if (!last) throw new Error("nobody is left");
    expect(await votersBy(cluster, last)).toEqual([last.id]);
  }));

test("a leader that is removed under load hands over: nobody waits out an election timeout", () =>
  withCluster(
    { size: 5, flags: ["--election-timeout", "5s"], readyMs: 60_000 },
    async (cluster) => {
      const history = await underLoad(
        cluster,
        async () => {
          for (let round = 0; round < 3; round++) {
            await pause(LOAD_BETWEEN_MS);
            await shrink(cluster, await cluster.leader());
          }
          await pause(LOAD_BETWEEN_MS);
        },
        { clients: 48, thinkTimeMs: 1, persistent: true },
      );
      expect(history.mishaps).toEqual([]);
      expect(history.slowestMs()).toBeLessThan(SLOWEST_MS_MAX);
      expectSound(history);
    },
  ));
