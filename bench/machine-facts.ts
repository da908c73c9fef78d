/** What the figures were measured on. */
import { readFileSync, statfsSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import type { Effort } from "./lab";
import type { Facts } from "./measurement";

/** First line of what a program says. */
const firstLine = (...command: readonly string[]) =>
  Bun.spawnSync([...command])
    .stdout.toString()
    .split("\n")[0] ?? "";

/** Numbers of a version in a line; the whole line where there are none. */
export const versionIn = (line: string) => /\d+(\.\d+)+/.exec(line)?.[0] ?? line;

const versionOf = (...command: readonly string[]) => versionIn(firstLine(...command));

/** The kind of the file system that a folder is on, from the table of mounts. */
export function fileSystemOf(folder: string): string {
  const device = statfsSync(folder).type;
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const within = mounts
    .map((line) => line.split(" "))
    .filter(([, place = ""]) => place === "/" || `${folder}/`.startsWith(`${place}/`))
    .sort((left, right) => (right[1] ?? "").length - (left[1] ?? "").length);
  const [, , kind] = within[0] ?? [];
  return kind ?? `0x${device.toString(16)}`;
}

export function machineFacts({ isQuick, rounds }: Effort): Facts {
  const [processor] = cpus();
  const isDirty = firstLine("git", "status", "--porcelain", "--untracked-files=no", "src") !== "";
  return {
    startedAt: new Date().toISOString(),
    revision:
      (firstLine("git", "rev-parse", "--short", "HEAD") || "unknown") +
      (isDirty ? " with changes" : ""),
    cores: cpus().length,
    processor: processor?.model ?? "unknown",
    kernel: release(),
    memoryBytes: totalmem(),
    fileSystem: fileSystemOf(tmpdir()),
    versions: {
      bun: Bun.version,
      etcd: versionOf("etcd", "--version"),
      redis: versionOf("redis-server", "--version"),
      wrk: versionOf("wrk", "--version"),
    },
    rounds,
    isQuick,
  };
}
