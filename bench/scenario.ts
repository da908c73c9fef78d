/** One thing worth measuring. A scenario is one file in `scenarios/`; it is found by itself. */
import type { Lab } from "./lab";
import type { Load } from "./load/load";
import type { Measurement, MetricName, PeerName } from "./measurement";
import type { DrivenReport, Peer } from "./peers/peer";
import type { Plot } from "./plots";
import { inTurns } from "./rounds";

export interface Scenario {
  readonly name: string;
  /** Scenarios run and are told in the order of their places. */
  readonly place: number;
  readonly title: string;
  /** What is done and why, in the README. */
  readonly about: string;
  /** What the variants are: "connections". */
  readonly axis: string;
  /** What its table shows; the first column is what it is about. */
  readonly columns: readonly Column[];
  readonly plots: readonly Plot[];
  readonly run: (lab: Lab) => Promise<void>;
}

/** What a column shows of one peer's measurements of one variant, over all rounds. */
export interface Column {
  readonly metric: MetricName;
  /** 0.5 for the median. */
  readonly quantile: number;
}

export const mediansOf = (...metrics: readonly MetricName[]): readonly Column[] =>
  metrics.map((metric) => ({ metric, quantile: 0.5 }));

/** The numbers of one load. */
export function metricsOf(report: DrivenReport, peer: Peer): Measurement["metrics"] {
  const { requests, seconds, p50Ms, p99Ms, p999Ms, refused, broken } = report;
  const { residentBytes, peakBytes } = peer.usage();
  return {
    ratePerSecond: requests / seconds,
    p50Ms,
    p99Ms,
    ...(p999Ms !== null && { p999Ms }),
    cpuMsPerThousand: requests === 0 ? 0 : (report.cpuSeconds / requests) * 1e6,
    clientCpuShare: report.clientCpuSeconds / seconds,
    residentBytes,
    peakBytes,
    errors: refused + broken,
  };
}

/** A variant of a scenario that is nothing but a load. */
export interface LoadVariant {
  readonly name: string;
  readonly load: Omit<Load, "seconds">;
}

export interface LoadScenario extends Omit<Scenario, "columns" | "plots" | "run"> {
  readonly peers: readonly PeerName[];
  readonly variants: readonly LoadVariant[];
  /** Set before, for the variants that touch present keys. */
  readonly presentKeys?: number;
}

const LOAD_COLUMNS = mediansOf(
  "ratePerSecond",
  "p50Ms",
  "p99Ms",
  "p999Ms",
  "cpuMsPerThousand",
  "residentBytes",
);
const LOAD_PLOTS: readonly Plot[] = [
  { kind: "bars", metric: "ratePerSecond" },
  { kind: "points", metric: "p99Ms" },
];
const WARM_UP_CONNECTIONS = 64;
/** As many for every peer: of new ones the fastest would have to carry the most from then on. */
const WARM_UP_KEYS = { kind: "present", count: 100_000 } as const;

/** What a peer is warmed with before the loads of a scenario, of which `first` is the first. */
const warmUpOf = (first: LoadVariant["load"]): LoadVariant["load"] => ({
  ...first,
  connections: WARM_UP_CONNECTIONS,
  keys: first.keys.kind === "new" ? WARM_UP_KEYS : first.keys,
});

/** A scenario that puts all peers under the same loads, in turns, on the same running nodes. */
export function loadScenario(options: LoadScenario): Scenario {
  const { peers: names, variants, presentKeys = 0, ...rest } = options;
  const run = (lab: Lab) =>
    lab.withPeers(names, async (peers) => {
      const { rounds, seconds, warmUpSeconds } = lab.effort;
      for (const peer of peers) {
        const { load } = variants[0] ?? {};
        if (load === undefined) throw new Error(`${rest.name} has no variants`);
        if (presentKeys > 0) await peer.fill(presentKeys, load.valueBytes);
        const warmUp = { ...warmUpOf(load), seconds: warmUpSeconds };
        await lab.drive(peer, warmUp, `${rest.name} warm-up`);
      }
      await inTurns({ rounds, variants, contestants: peers }, async (turn) => {
        const { round, variant, contestant: peer } = turn;
        const what = `${rest.name} ${variant.name}`;
        const report = await lab.drive(peer, { ...variant.load, seconds }, what);
        const metrics = metricsOf(report, peer);
        lab.record({ scenario: rest.name, variant: variant.name, peer: peer.name, round, metrics });
      });
    });
  return { ...rest, columns: LOAD_COLUMNS, plots: LOAD_PLOTS, run };
}
