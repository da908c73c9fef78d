/** What nodes take of the machine: room on the disk and memory, watched all the time. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "./cluster";
import { pause } from "./deadline";
import type { NodeProcess } from "./node-process";

/** What `stat` counts in, whatever the file system's own blocks are. Units: bytes. */
const STAT_BLOCK_BYTES = 512;
const POLL_INTERVAL_MS = 10;

/** What each file of a data directory occupies; one that is removed meanwhile counts no more. */
const allocatedFiles = (directory: string) =>
  readdirSync(directory).map((name) => {
    const blocks = statSync(join(directory, name), { throwIfNoEntry: false })?.blocks ?? 0;
    return { name, bytes: blocks * STAT_BLOCK_BYTES };
  });

/** Resident memory of a running node. */
export function residentBytes({ pid }: NodeProcess): number {
  const { stdout } = Bun.spawnSync(["ps", "-o", "rss=", "-p", String(pid)]);
  return Number(stdout.toString()) * 1024;
}

/** A data directory at its largest. */
export interface DirectorySize {
  readonly bytes: number;
  /** Which files it held, for people. */
  readonly files: readonly string[];
}

/** The largest that any node's directory gets while `story` runs. */
export async function largestDirectory(
  cluster: Cluster,
  story: () => Promise<void>,
): Promise<DirectorySize> {
  let largest: DirectorySize = { bytes: 0, files: [] };
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      for (const { options } of cluster.nodes) {
        const files = allocatedFiles(options.dataDirectory);
        const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
        if (bytes <= largest.bytes) continue;
        largest = { bytes, files: files.map(({ name, bytes }) => `${name} ${bytes}`) };
      }
      await pause(POLL_INTERVAL_MS);
    }
  };
  const watching = watch();
  try {
    await story();
  } finally {
    isOver = true;
    await watching;
  }
  return largest;
}
