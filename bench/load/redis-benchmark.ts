/** Drives Redis with its own `redis-benchmark`. */
import type { Load, LoadReport } from "./load";
import { type Ended, runToEnd } from "./programs";

export interface RedisRun {
  readonly port: number;
  readonly load: Load;
  /** It takes a number of requests, not a duration. */
  readonly requests: number;
}

/** So many that a run rarely draws one twice. */
const NEW_KEYS = 1_000_000_000;

/** The command line. Errors: a load of both sets and gets, which the program does not know. */
export function redisCommand({ port, load, requests }: RedisRun): readonly string[] {
  if (load.setPercent !== 0 && load.setPercent !== 100) {
    throw new Error("redis-benchmark does not mix sets and gets");
  }
  const keys = load.keys.kind === "new" ? NEW_KEYS : load.keys.count;
  return [
    ...["redis-benchmark", "-h", "127.0.0.1", "-p", `${port}`, "--csv", "--precision", "3"],
    ...["-t", load.setPercent === 100 ? "set" : "get", "-c", `${load.connections}`],
    ...["-n", `${requests}`, "-r", `${keys}`, "-d", `${load.valueBytes}`],
  ];
}

/** Reads its table of one row. Errors: it has other columns than expected. */
export function readRedis({ output, cpuSeconds }: Ended, requests: number): LoadReport {
  const rows = output
    .trim()
    .split("\n")
    .filter((line) => line.startsWith('"'))
    .map((line) => line.split(",").map((cell) => cell.replaceAll('"', "")));
  const [titles = [], cells = []] = rows;
  const column = (title: string) => {
    const value = Number(cells[titles.indexOf(title)]);
    if (!Number.isFinite(value)) throw new Error(`redis-benchmark wrote no ${title}: ${output}`);
    return value;
  };
  return {
    seconds: requests / column("rps"),
    requests,
    // It does not tell; the server counts them.
    refused: 0,
    broken: 0,
    p50Ms: column("p50_latency_ms"),
    p99Ms: column("p99_latency_ms"),
    p999Ms: null,
    clientCpuSeconds: cpuSeconds,
  };
}

export const driveRedis = async (run: RedisRun): Promise<LoadReport> =>
  readRedis(await runToEnd(redisCommand(run)), run.requests);
