/** A disk that is full: sets are refused, deletes are served, and room heals it (promise 5). */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, withCluster } from "../harness/cluster";
import { eventually } from "../harness/deadline";
import type { NodeProcess } from "../harness/node-process";

/** The reserve of 16 MiB, and a few MiB of log. */
const SMALL_DISK = "size=28m";
const LARGE_DISK = "size=128m";
const VALUE = "x".repeat(256 * 1024);
const SETS_MAX = 100;
const HEAL_MS_MAX = 20_000;

const mount = (...args: readonly string[]) =>
  Bun.spawnSync(["mount", "-t", "tmpfs", ...args], { stderr: "ignore" }).success;

/** Gives `ids` a small disk each while `story` runs. */
async function withSmallDisks(
  ids: readonly number[],
  story: (cluster: Cluster, pathOf: (node: NodeProcess) => string) => Promise<void>,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "balsa-disks-"));
  const disks = ids.map((id) => join(root, `${id}`));
  try {
    for (const disk of disks) {
      mkdirSync(disk);
      if (!mount("-o", SMALL_DISK, "balsa-test", disk)) throw new Error(`cannot mount ${disk}`);
    }
    const dataDirectory = (id: number, folder: string) =>
      join(ids.includes(id) ? root : folder, `${id}`);
    await withCluster({ dataDirectory }, (cluster) =>
      story(cluster, (node) => node.options.dataDirectory),
    );
  } finally {
    for (const disk of disks) Bun.spawnSync(["umount", disk], { stderr: "ignore" });
    rmSync(root, { recursive: true, force: true });
  }
}

const canMount = () => {
  const probe = mkdtempSync(join(tmpdir(), "balsa-mount-"));
  const mounted = mount("-o", "size=1m", "balsa-test", probe);
  if (mounted) Bun.spawnSync(["umount", probe]);
  rmSync(probe, { recursive: true });
  return mounted;
};
const isAllowed = canMount();
if (!isAllowed) console.warn("skipped: mounting a small disk needs root; run these tests as root");

/** Sets keys until one is refused; answers how many were taken, and the refusal. */
async function fill(cluster: Cluster) {
  for (let taken = 0; taken < SETS_MAX; taken++) {
    const reply = await cluster.ask(cluster.inTurn(), (client) => client.set(`k${taken}`, VALUE));
    if (!reply.ok) return { taken, refusal: reply };
  }
  return { taken: SETS_MAX, refusal: null };
}

test.skipIf(!isAllowed)("one full follower does not stop the cluster", () =>
  withSmallDisks([1], async (cluster) => {
    const { taken } = await fill(cluster);
    expect(taken).toBe(SETS_MAX);
    await cluster.writable();
  }),
);

test.skipIf(!isAllowed)(
  "a full quorum: 507 for sets, deletes still work, back once there is room",
  () =>
    withSmallDisks([1, 2, 3], async (cluster, pathOf) => {
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
        expect(mount("-o", `remount,${LARGE_DISK}`, "balsa-test", pathOf(node))).toBe(true);
      }
      await eventually("sets to be taken again", HEAL_MS_MAX, async () => {
        const reply = await cluster.ask(cluster.inTurn(), (client) => client.set("after", VALUE));
        return reply.ok ? true : null;
      });
      await cluster.caughtUp();
    }),
);
