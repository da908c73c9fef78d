/** Two of three dead: what the last one says, and that it says the truth (promises 3 and 6). */
import { expect, test } from "bun:test";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import type { NodeProcess } from "../harness/node-process";

const TIMEOUT_MS = 1_000;
/** The asked timeout, and room for a busy machine. */
const ANSWER_MS_MAX = 2_000;
const STATUS_MS_MAX = 1_500;

async function timed<T>(task: Promise<T>): Promise<{ answer: T; tookMs: number }> {
  const startMs = performance.now();
  const answer = await task;
  return { answer, tookMs: performance.now() - startMs };
}

/** A write that cannot be committed: refused in time, with its outcome. */
async function expectRefusedWrite(cluster: Cluster, last: NodeProcess, key: string) {
  const { answer, tookMs } = await timed(
    cluster.ask(last, (client) => client.set(key, "lonely", { timeoutMs: TIMEOUT_MS })),
  );
  if (answer.ok) throw new Error("a write was acknowledged without a quorum");
  expect(tookMs).toBeLessThan(ANSWER_MS_MAX);
  expect(answer.status === 503 || answer.status === 504).toBe(true);
  expect(["not_applied", "unknown"]).toContain(answer.outcome ?? "null");
  return answer.outcome;
}

/** Reads and status of a node that is alone. */
async function expectHonestSolitude(cluster: Cluster, last: NodeProcess) {
  const options = { timeoutMs: TIMEOUT_MS };
  const fresh = await timed(cluster.ask(last, (client) => client.get("before", options)));
  expect(fresh.answer.ok).toBe(false);
  expect(fresh.tookMs).toBeLessThan(ANSWER_MS_MAX);
  const stale = await cluster.ask(last, (client) => client.get("before", { stale: true }));
  if (!stale.ok) throw new Error(`a stale read was refused: ${stale.detail}`);
  expect(stale.body.value).toBe("kept");
  expect(stale.headers["x-balsa-staleness-ms"]).toMatch(/^(\d+|unknown)$/);
  const { answer: status, tookMs } = await timed(cluster.status(last));
  expect(tookMs).toBeLessThan(STATUS_MS_MAX);
  expect(status.leader).toBeNull();
  expect(status.quorum).toEqual({ voters: 3, needed: 2, reachable: 1 });
  expect(status.nodes.filter(({ healthy }) => healthy).map(({ id }) => id)).toEqual([last.id]);
}

for (const survivor of ["leader", "follower"] as const) {
  test(`the ${survivor} is left alone: true outcomes in time, and it serves again by itself`, () =>
    withCluster({}, async (cluster) => {
      const leader = await cluster.leader();
      const last = survivor === "leader" ? leader : cluster.others(leader)[0];
      if (!last) throw new Error("a cluster of one");
      await cluster.ask(last, (client) => client.set("before", "kept"));
      await cluster.caughtUp();
      const dead = cluster.others(last);
      await Promise.all(dead.map((node) => node.kill()));

      const first = await expectRefusedWrite(cluster, last, "first");
      await eventually("the leader to notice that nobody answers", TIMEOUT_MS, async () =>
        (await cluster.status(last)).leader === null ? true : null,
      );
      expect(await expectRefusedWrite(cluster, last, "second")).toBe("not_applied");
      await expectHonestSolitude(cluster, last);

      dead[0]?.start();
      await cluster.writable([last]);
      const value = async (key: string) => {
        const reply = await cluster.ask(last, (client) => client.get(key));
        return reply.ok ? reply.body.value : reply.code;
      };
      expect(await value("before")).toBe("kept");
      expect(await value("second")).toBeUndefined();
      if (first === "not_applied") expect(await value("first")).toBeUndefined();
    }));
}
