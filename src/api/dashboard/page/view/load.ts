/** How much the cluster does, from what each node says of itself. */
import type { Live } from "../answers";

/** The whole cluster at one moment; null where nobody said. */
export interface Load {
  readonly writesPerSecond: number | null;
  readonly readsPerSecond: number | null;
  /** Of the slowest node: percentiles of several nodes cannot be joined. **Units**: ms. */
  readonly writeP50Ms: number | null;
  readonly writeP99Ms: number | null;
  readonly readP50Ms: number | null;
  readonly readP99Ms: number | null;
  readonly syncsPerSecond: number | null;
  readonly underWay: number;
  /** Since the nodes were started. */
  readonly failed: number;
}

/** Sums what adds up, and takes the slowest of what does not. */
export function loadOf(lives: readonly Live[]): Load {
  return {
    writesPerSecond: sumOf(lives.map(({ writes }) => writes.per_second)),
    readsPerSecond: sumOf(lives.map(({ reads }) => reads.per_second)),
    writeP50Ms: slowestOf(lives.map(({ writes }) => writes.p50_ms)),
    writeP99Ms: slowestOf(lives.map(({ writes }) => writes.p99_ms)),
    readP50Ms: slowestOf(lives.map(({ reads }) => reads.p50_ms)),
    readP99Ms: slowestOf(lives.map(({ reads }) => reads.p99_ms)),
    syncsPerSecond: sumOf(lives.map((live) => live.syncs_per_second)),
    underWay: lives.reduce((sum, { reads, writes }) => sum + writes.under_way + reads.under_way, 0),
    failed: lives.reduce((sum, { reads, writes }) => sum + writes.failed + reads.failed, 0),
  };
}

const knownOf = (values: readonly (number | null)[]): readonly number[] =>
  values.filter((value) => value !== null);

function sumOf(values: readonly (number | null)[]): number | null {
  const known = knownOf(values);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function slowestOf(values: readonly (number | null)[]): number | null {
  const known = knownOf(values);
  return known.length === 0 ? null : Math.max(...known);
}

/** Five minutes, two a second. */
export const SAMPLES_MAX = 600;

/** Columns as a plot takes them: the times, and each series beside them. */
export interface LoadColumns {
  /** **Units**: s since the epoch. */
  readonly times: readonly number[];
  readonly loads: readonly Load[];
}

/** `columns` and one more, without the oldest where there are too many. */
export function withLoad(columns: LoadColumns, atMs: number, load: Load): LoadColumns {
  return {
    times: [...columns.times.slice(1 - SAMPLES_MAX), atMs / 1_000],
    loads: [...columns.loads.slice(1 - SAMPLES_MAX), load],
  };
}
