/** What was measured: plain records, from which every table, plot and verdict is computed. */

/** Who takes part. */
export const PEER_NAMES = ["balsa", "etcd", "redis", "floor"] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** How a number is told to people. */
export interface Metric {
  readonly title: string;
  readonly unit: "count" | "perSecond" | "ms" | "s" | "bytes" | "share";
  /** Whether more of it is better; null where it is only a fact. */
  readonly better: "more" | "less" | null;
}

const metric = (title: string, unit: Metric["unit"], better: Metric["better"] = null): Metric => ({
  title,
  unit,
  better,
});

/** Every number a measurement may carry. Names end in their unit. */
export const METRICS = {
  ratePerSecond: metric("requests/s", "perSecond", "more"),
  p50Ms: metric("p50", "ms", "less"),
  p99Ms: metric("p99", "ms", "less"),
  p999Ms: metric("p99.9", "ms", "less"),
  cpuMsPerThousand: metric("CPU per 1,000", "ms", "less"),
  clientCpuShare: metric("load generator's CPU", "share"),
  residentBytes: metric("memory, all processes", "bytes", "less"),
  peakBytes: metric("peak memory", "bytes", "less"),
  bytesPerNode: metric("memory per node", "bytes", "less"),
  errors: metric("errors", "count", "less"),
  elections: metric("elections", "count", "less"),
  keys: metric("keys present", "count"),
  entries: metric("log entries", "count"),
  entriesPerSecond: metric("entries/s", "perSecond", "more"),
  recoveryS: metric("until ready", "s", "less"),
  failoverMs: metric("until a write succeeds", "ms", "less"),
  offeredPerSecond: metric("offered/s", "perSecond"),
  refusedPerSecond: metric("refused/s", "perSecond"),
  refusalP50Ms: metric("p50 of a refusal", "ms", "less"),
  refusalP99Ms: metric("p99 of a refusal", "ms", "less"),
  slowSyncsTold: metric("times the slow disk was told", "count"),
} as const satisfies Readonly<Record<string, Metric>>;
export type MetricName = keyof typeof METRICS;

/** One run of one load against one peer. */
export interface Measurement {
  readonly scenario: string;
  /** What differs within a scenario, a number of connections for example. */
  readonly variant: string;
  readonly peer: PeerName;
  /** From 1; variants and peers of one round are measured right after each other. */
  readonly round: number;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
}

/** The machine, and what ran on it. */
export interface Facts {
  readonly startedAt: string;
  readonly revision: string;
  readonly cores: number;
  readonly processor: string;
  readonly kernel: string;
  readonly memoryBytes: number;
  readonly fileSystem: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly isQuick: boolean;
}

/** What one scenario came to, and on what. */
export interface ScenarioResults {
  readonly facts: Facts;
  readonly measurements: readonly Measurement[];
}

/** The file that `bun run bench` writes, by scenario: they may come from different runs. */
export type Results = Readonly<Record<string, ScenarioResults>>;
