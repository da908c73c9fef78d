/** What is asked of Balsa whatever others do: flat growth, quick recovery, calm under stress. */
import { slope } from "../statistics";
import type { Figures } from "./figures";
import type { Target } from "./target";

type Limit = Pick<Target, "wanted" | "limit" | "unit">;
const times = (wanted: Limit["wanted"], limit: number): Limit => ({ unit: "times", wanted, limit });
const target = (claim: string, limit: Limit, measured: Target["measured"]): Target => ({
  claim,
  ...limit,
  isGoal: false,
  measured,
});

const recoveries = (figures: Figures) => figures.points("recovery", "entries", "recoveryS");

/** Fewer lengths, or logs so short that noise hides what they cost, say nothing. */
const LENGTHS_MIN = 3;

/** By the slope, in which the start of a process has no part. */
function recoveredPerSecond(figures: Figures): number | null {
  const points = recoveries(figures);
  if (points.length < LENGTHS_MIN) return null;
  const secondsPerEntry = slope(points);
  return secondsPerEntry > 0 ? 1 / secondsPerEntry : null;
}

/** What an entry more costs a long log, by what it costs a short one; 1 is a straight line. */
function bend(figures: Figures): number | null {
  const points = recoveries(figures);
  if (points.length < LENGTHS_MIN) return null;
  const middle = Math.floor(points.length / 2);
  const [short, long] = [slope(points.slice(0, middle + 1)), slope(points.slice(middle))];
  return short > 0 ? long / short : null;
}

const growth = { scenario: "growth", variant: "last" } as const;
const slowDisk = { scenario: "slow-disk", metric: "ratePerSecond" } as const;
const peak = { scenario: "overload", variant: "first" } as const;
const overload = { scenario: "overload", variant: "last" } as const;

export const ofItsOwn: readonly Target[] = [
  target("sets with the most keys, by those with the fewest", times("at least", 0.9), (figures) =>
    figures.ratio(
      { ...growth, metric: "ratePerSecond" },
      { ...growth, metric: "ratePerSecond", variant: "first" },
    ),
  ),
  target("memory per node with the most keys, against etcd", times("at most", 2), (figures) =>
    figures.ratio(
      { ...growth, metric: "bytesPerNode" },
      { ...growth, metric: "bytesPerNode", peer: "etcd" },
    ),
  ),
  target(
    "recovery, by the slope over the length of the log",
    { unit: "entries/s", wanted: "at least", limit: 200_000 },
    recoveredPerSecond,
  ),
  target("recovery of an entry in a long log, by a short log's", times("at most", 1.25), bend),
  target("failover, median", { unit: "ms", wanted: "at most", limit: 1_200 }, (figures) =>
    figures.median({ scenario: "failover", variant: "kill -9", metric: "failoverMs" }),
  ),
  target("sets with a slow follower, by those without", times("at least", 0.95), (figures) =>
    figures.ratio({ ...slowDisk, variant: "a follower's" }, { ...slowDisk, variant: "none" }),
  ),
  target(
    "a leader with a slow disk says so",
    { unit: "lines", wanted: "at least", limit: 1 },
    (figures) => figures.median({ ...slowDisk, variant: "the leader's", metric: "slowSyncsTold" }),
  ),
  target("sets under overload, by the peak", times("at least", 0.9), (figures) =>
    figures.ratio({ ...overload, metric: "ratePerSecond" }, { ...peak, metric: "ratePerSecond" }),
  ),
  // By clients with less patience than a node has: quick is what comes while they still wait.
  target(
    "a refusal under overload, p99",
    { unit: "ms", wanted: "at most", limit: 1_000 },
    (figures) => figures.median({ ...overload, metric: "refusalP99Ms" }),
  ),
  target(
    "elections under overload",
    { unit: "elections", wanted: "at most", limit: 0 },
    (figures) => figures.median({ ...overload, metric: "elections" }),
  ),
];
