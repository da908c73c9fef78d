/** What processes take of the machine, as the kernel counts it; the same way for every peer. */
import { readFileSync } from "node:fs";

/** Of all processes of a peer together. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The sum of each process's own peak since it started. */
  readonly peakBytes: number;
}

/** The kernel's clock for `stat`: `getconf CLK_TCK`, which is 100 on every Linux of today. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** User and system time in a `/proc/PID/stat`; all threads count. Units: s. */
export function cpuSecondsIn(stat: string): number {
  // The name in parentheses may hold spaces: fields are counted behind it, from the state on.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [fields[11], fields[12]].map(Number);
  if (!Number.isFinite(userTicks) || !Number.isFinite(systemTicks)) {
    throw new Error(`no times in: ${stat}`);
  }
  return ((userTicks ?? 0) + (systemTicks ?? 0)) / TICKS_PER_SECOND;
}

/** A size in a `/proc/PID/status`, `VmRSS` for example. Units: bytes. */
export function bytesIn(status: string, name: string): number {
  const [, kib] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
  if (kib === undefined) throw new Error(`no ${name} in: ${status}`);
  return Number(kib) * KIB;
}

/** Of one running process. Errors: there is none. */
function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    cpuSeconds: cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, "utf8")),
    residentBytes: bytesIn(status, "VmRSS"),
    peakBytes: bytesIn(status, "VmHWM"),
  };
}

export function usageOfAll(pids: readonly number[]): Usage {
  const usages = pids.map(usageOf);
  const sum = (name: keyof Usage) => usages.reduce((total, usage) => total + usage[name], 0);
  return {
    cpuSeconds: sum("cpuSeconds"),
    residentBytes: sum("residentBytes"),
    peakBytes: sum("peakBytes"),
  };
}

/** What `run` reports, with the CPU that a peer's processes took meanwhile. */
export async function metered<Report extends object>(
  usage: () => Usage,
  run: () => Promise<Report>,
): Promise<Report & { readonly cpuSeconds: number }> {
  const before = usage().cpuSeconds;
  const report = await run();
  return { ...report, cpuSeconds: usage().cpuSeconds - before };
}
