/**
 * Kills a node just as it is about to do something to its disk: the product has no hooks for that,
 * so strace's fault injection stands in. The call at which the signal falls is not carried out.
 */
import { existsSync, readFileSync } from "node:fs";

/** What a node does to its files, in the kernel's words. */
export type DiskCall = "pwrite64" | "fdatasync" | "rename" | "fsync" | "unlink";

export const hasStrace = Bun.which("strace") !== null;
if (!hasStrace) console.warn("skipped: strace is missing; install it: apt-get install strace");

/** A wrapper for a start that ends with the `nth` such call of one of the node's threads. */
export const killingAt = (call: DiskCall, nth: number, tracePath: string): readonly string[] => [
  ...["strace", "-D", "-f", "-y", "-s", "200", "-o", tracePath],
  ...["-e", "trace=pwrite64,fdatasync,rename,fsync,unlink"],
  ...["-e", `inject=${call}:signal=KILL:when=${nth}`],
];

const CALL = /^\d+ +(pwrite64|fdatasync|rename|fsync|unlink)\((.*)$/;

/** What a call is about, by the name of its file. */
function subjectOf(text: string): string {
  if (/snapshot-\d+-\d+\.balsa\.received\.tmp/.test(text)) return "incoming snapshot";
  if (/snapshot-\d+-\d+\.balsa\.tmp/.test(text)) return "growing snapshot";
  if (/snapshot-\d+-\d+\.balsa/.test(text)) return "snapshot";
  if (/log-\d+-\d+\.balsa/.test(text)) return "log";
  if (/\.balsa/.test(text)) return "other file";
  return "directory";
}

/** The last thing that a killed node was about to do, and the one before, as `fsync directory`. */
export function lastDeeds(tracePath: string): { readonly last: string; readonly before: string } {
  const text = existsSync(tracePath) ? readFileSync(tracePath, "utf8") : "";
  const deeds = text.split("\n").flatMap((line) => {
    const [, call, rest] = CALL.exec(line) ?? [];
    return call === undefined || rest === undefined ? [] : [`${call} ${subjectOf(rest)}`];
  });
  return { last: deeds.at(-1) ?? "nothing", before: deeds.at(-2) ?? "nothing" };
}
