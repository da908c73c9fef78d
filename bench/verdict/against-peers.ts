/** How we are to compare with the others. */
import { METRICS, type PeerName } from "../measurement";
import type { Place } from "./figures";
import type { Target } from "./target";

type Comparison = Omit<Place, "peer">;

const set64: Comparison = { scenario: "set", variant: "64", metric: "ratePerSecond" };
const set256: Comparison = { scenario: "set", variant: "256", metric: "ratePerSecond" };
const singleClient: Comparison = { scenario: "set", variant: "1", metric: "p50Ms" };
const get64: Comparison = { scenario: "get", variant: "64", metric: "ratePerSecond" };
const tail256: Comparison = { scenario: "set", variant: "256", metric: "p99Ms" };

const titles = new Map([
  [set64, "set, 64 connections"],
  [set256, "set, 256 connections"],
  [singleClient, "single-client latency"],
  [get64, "linearizable get, 64 connections"],
  [tail256, "p99 of a set, 256 connections"],
]);

/** What it is to be, ours by theirs. */
function comparedWith(
  { peer, title, isGoal }: { readonly peer: PeerName; title: string; isGoal: boolean },
  limits: readonly (readonly [comparison: Comparison, limit: number])[],
): readonly Target[] {
  return limits.map(([comparison, limit]) => ({
    claim: `${titles.get(comparison)}, against ${title}`,
    unit: "times",
    wanted: METRICS[comparison.metric].better === "more" ? "at least" : "at most",
    limit,
    isGoal,
    measured: (figures) => figures.ratio(comparison, { ...comparison, peer }),
  }));
}

export const againstPeers: readonly Target[] = [
  ...comparedWith({ peer: "etcd", title: "etcd's JSON gateway", isGoal: false }, [
    [set64, 5],
    [set256, 5],
    [singleClient, 0.5],
    [get64, 8],
    [tail256, 0.3],
  ]),
  ...comparedWith({ peer: "redis", title: "one Redis, fsync always", isGoal: true }, [
    [set64, 0.5],
    [set256, 0.4],
    [singleClient, 2.5],
    [get64, 0.6],
  ]),
];
