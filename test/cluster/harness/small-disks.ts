/** Disks of a few MiB, which need root. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, withCluster } from "./cluster";
import type { NodeProcess } from "./node-process";

const mount = (...args: readonly string[]) =>
  Bun.spawnSync(["mount", "-t", "tmpfs", ...args], { stderr: "ignore" }).success;

const canMount = () => {
  const probe = mkdtempSync(join(tmpdir(), "balsa-mount-"));
  const mounted = mount("-o", "size=1m", "balsa-test", probe);
  if (mounted) Bun.spawnSync(["umount", probe]);
  rmSync(probe, { recursive: true });
  return mounted;
};

/** Whether this process may mount; says how to, once, where it may not. */
export const mayMount = canMount();
if (!mayMount) console.warn("skipped: mounting a small disk needs root; run these tests as root");

/** Gives the node's disk another size, as `size=28m`. False: it could not. */
export const resizeDisk = ({ options }: NodeProcess, size: string): boolean =>
  mount("-o", `remount,${size}`, "balsa-test", options.dataDirectory);

/** Gives the nodes of `ids` a disk of `size` each while `story` runs. */
export async function withSmallDisks(
  {
    ids,
    size,
    flags = [],
  }: {
    readonly ids: readonly number[];
    readonly size: string;
    readonly flags?: readonly string[];
  },
  story: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "balsa-disks-"));
  const disks = ids.map((id) => join(root, `${id}`));
  try {
    for (const disk of disks) {
      mkdirSync(disk);
      if (!mount("-o", size, "balsa-test", disk)) throw new Error(`cannot mount ${disk}`);
    }
    const dataDirectory = (id: number, folder: string) =>
      join(ids.includes(id) ? root : folder, `${id}`);
    await withCluster({ dataDirectory, flags }, story);
  } finally {
    for (const disk of disks) Bun.spawnSync(["umount", disk], { stderr: "ignore" });
    rmSync(root, { recursive: true, force: true });
  }
}
