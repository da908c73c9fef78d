/**
 * What it costs the write path to be looked at: clusters that differ in that alone, in one process,
 * measured in turn.
 *
 *     bun run bench:observe [--rounds 24] [--slice 400]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type LoopbackCluster, startCluster } from "./observe/loopback";
import { measureWrites, type WriteRate } from "./observe/write-rate";
import { pairedRatio, type RatioEstimate } from "./paired-ratio";

/** What the rate must not fall below, as a part of that of a cluster at which nobody looks. */
const TARGETS = { idle: 0.95, watched: 0.9 } as const;
const WARM_UP_ROUNDS = 6;

type Kind = "alone" | keyof typeof TARGETS;
const KINDS: readonly Kind[] = ["alone", "idle", "watched"];

/** Follows all that a page follows, on every node, and reads it at once. */
function watch({ observatories }: LoopbackCluster): void {
  for (const observatory of observatories) {
    const everything = { machine: null, from: null };
    const transitions = observatory.followTransitions(everything, null, () => transitions.take());
    const live = observatory.followLive(() => live.take());
  }
}

const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "24" }, slice: { type: "string", default: "400" } },
});
const rounds = Number(flags.rounds);
const sliceMs = Number(flags.slice);

const path = mkdtempSync(join(tmpdir(), "balsa-observe-"));
const clusters = new Map<Kind, LoopbackCluster>();
for (const kind of KINDS)
  clusters.set(kind, await startCluster(join(path, kind), kind !== "alone"));
const watchedCluster = clusters.get("watched");
if (watchedCluster) watch(watchedCluster);

const rates: Record<Kind, WriteRate[]> = { alone: [], idle: [], watched: [] };
for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
  // Whoever comes first has an advantage, or none: each does in turn.
  const order = KINDS.map((_, place) => KINDS[(place + round + WARM_UP_ROUNDS) % KINDS.length]);
  for (const kind of order) {
    const cluster = kind && clusters.get(kind);
    if (!cluster) continue;
    Bun.gc(true);
    const rate = await measureWrites(cluster.nodes, sliceMs);
    if (round >= 0) rates[kind].push(rate);
  }
}

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
const mean = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / some.length;
const describe = ({ high, low, ratio }: RatioEstimate) =>
  `${percent(ratio)} (95 % confidence: ${percent(low)} to ${percent(high)})`;

console.log(`${rounds} alternations of ${sliceMs} ms each: writes, and the part of "alone"`);
for (const measure of ["perSecond", "perCpuSecond"] as const) {
  const unit = measure === "perSecond" ? "a second" : "a second of processor time";
  const of = (kind: Kind) => rates[kind].map((rate) => rate[measure]);
  console.log(`alone    ${mean(of("alone")).toFixed(0)} ${unit}`);
  for (const kind of ["idle", "watched"] as const) {
    const estimate = pairedRatio(of(kind), of("alone"));
    const target = TARGETS[kind];
    const verdict = estimate.ratio >= target ? "kept" : "missed";
    if (measure === "perSecond" && verdict === "missed") process.exitCode = 1;
    const aim = `at least ${percent(target)}: ${verdict}`;
    console.log(`${kind.padEnd(8)} ${mean(of(kind)).toFixed(0)}, ${describe(estimate)}; ${aim}`);
  }
}
for (const cluster of clusters.values()) await cluster.stop();
rmSync(path, { recursive: true, force: true });
process.exit();
