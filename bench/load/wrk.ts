/** Drives HTTP with `wrk`, whose Lua script counts and reports. */
import { join } from "node:path";
import type { Load, LoadReport } from "./load";
import { type Ended, runToEnd } from "./programs";

/** How a peer is spoken to: one Lua file each. */
export type Dialect = "balsa" | "etcd";

/** Where a sequence of keys begins and which keys these are. */
export interface KeySequence {
  /** Nine bytes that every key begins with. */
  readonly prefix: string;
  readonly order: "sequential" | "once" | "random";
  readonly from: number;
}

export interface WrkRun {
  readonly url: string;
  readonly dialect: Dialect;
  readonly load: Load;
  readonly sequence: KeySequence;
}

/** What `wrk` saw, and the key it would have gone on with. */
export interface WrkReport extends LoadReport {
  readonly nextKey: number;
}

/** An answer that takes longer counts as broken. Units: s. */
const ANSWER_TIMEOUT_S = 20;

/**
 * One thread: a load generator that may take at most one of the cores, like `redis-benchmark`. It
 * puts a request together in a few microseconds, so that one thread outruns any of these peers.
 */
const THREADS = 1;

/** The command line. */
export function wrkCommand({ url, dialect, load, sequence }: WrkRun): readonly string[] {
  const keys = load.keys.kind === "new" ? 0 : load.keys.count;
  return [
    ...["wrk", "-t", `${THREADS}`, "-c", `${load.connections}`, "-d", `${load.seconds}s`],
    ...["--timeout", `${ANSWER_TIMEOUT_S}s`, "-s", join(import.meta.dir, "load.lua"), url, "--"],
    `dialect=${join(import.meta.dir, `${dialect}.lua`)}`,
    `prefix=${sequence.prefix}`,
    `sets=${load.setPercent}`,
    `value=${load.valueBytes}`,
    `keys=${keys}`,
    `order=${sequence.order}`,
    `from=${sequence.from}`,
    `stale=${load.isStale ? "yes" : "no"}`,
  ];
}

/** Reads what the script wrote. Errors: it wrote nothing of the kind. */
export function readWrk({ output, cpuSeconds }: Ended): WrkReport {
  const [, text] = /^result (\{.*\})$/m.exec(output) ?? [];
  if (text === undefined) throw new Error(`wrk wrote no result: ${output}`);
  const report = JSON.parse(text);
  return {
    ...report,
    requests: report.requests - report.refused,
    clientCpuSeconds: cpuSeconds,
  };
}

export const driveWrk = async (run: WrkRun): Promise<WrkReport> =>
  readWrk(await runToEnd(wrkCommand(run)));
