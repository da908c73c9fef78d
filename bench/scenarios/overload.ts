/** More clients than can be served. */
import type { Lab } from "../lab";
import { type Load, setsOfNewKeys } from "../load/load";
import type { HttpCluster } from "../peers/http-cluster";
import { inTurns } from "../rounds";
import { mediansOf, metricsOf, type Scenario } from "../scenario";
import { quantile } from "../statistics";

const name = "overload";
/** The first finds the peak. A node has 8,192 writes under way: only of the last some wait. */
const CONNECTIONS = [1_000, 5_000, 12_000];
/** So many connections take a while to be made. */
const TIMES_LONGER = 3;
/** Clients of our own, who would not wait for room as long as a node would have them wait. */
const PROBES = 4;
const PATIENCE_MS = 100;

/** Null where no answer came: the load generator counts those. */
async function statusOfSet(url: string): Promise<number | null> {
  const body = JSON.stringify({ key: "probe", value: "x" });
  try {
    const response = await fetch(`${url}/set?timeout=${PATIENCE_MS}ms`, { method: "POST", body });
    await response.text();
    return response.status;
  } catch {
    return null;
  }
}

/** Sets keys one after the other until `isOver`; the times of what was refused. Units: ms. */
async function probe(url: string, isOver: () => boolean): Promise<readonly number[]> {
  const refusals: number[] = [];
  while (!isOver()) {
    const startMs = performance.now();
    const status = await statusOfSet(url);
    if (status === 429) refusals.push(performance.now() - startMs);
  }
  return refusals;
}

async function overload(cluster: HttpCluster, load: Load) {
  const { url } = await cluster.leader();
  const term = await cluster.term();
  let isOver = false;
  const probes = Array.from({ length: PROBES }, () => probe(url, () => isOver));
  const report = await cluster.drive(load).finally(() => {
    isOver = true;
  });
  const refusals = (await Promise.all(probes)).flat();
  return { report, refusals, elections: (await cluster.term()) - term };
}

async function measure(lab: Lab, cluster: HttpCluster, { connections, round }: Turn) {
  const seconds = lab.effort.seconds * TIMES_LONGER;
  const load = { ...setsOfNewKeys, connections, seconds };
  const { elections, refusals, report } = await lab.undisturbed(() => overload(cluster, load));
  const { broken, refused, requests } = report;
  if (broken > 0) lab.complain(`${name} ${connections}: ${broken} requests were not answered`);
  if (requests === 0) lab.complain(`${name} ${connections}: nothing succeeded`);
  const metrics = {
    ...metricsOf(report, cluster),
    offeredPerSecond: (requests + refused) / report.seconds,
    refusedPerSecond: refused / report.seconds,
    ...(refusals.length > 0 && {
      refusalP50Ms: quantile(refusals, 0.5),
      refusalP99Ms: quantile(refusals, 0.99),
    }),
    elections,
    errors: broken,
  };
  const variant = connections.toLocaleString("en-US");
  lab.record({ scenario: name, variant, peer: "balsa", round, metrics });
}

interface Turn {
  readonly connections: number;
  readonly round: number;
}

const scenario: Scenario = {
  name,
  place: 110,
  title: "Overload",
  about:
    "Sets from far more clients than the peak needs, which a few hundred reach. Each sends its " +
    "next request at once, also after a 429, whatever `Retry-After` says: what is offered is " +
    "bounded by nothing but the machine, which the clients share. A node has those for whom it " +
    "has no room wait in line, up to 0.8 s; most get in meanwhile, the others are refused. The " +
    `times of refusals are those of ${PROBES} clients who would wait for ${PATIENCE_MS} ms.`,
  axis: "connections",
  columns: mediansOf(
    "ratePerSecond",
    "offeredPerSecond",
    "refusedPerSecond",
    "refusalP50Ms",
    "refusalP99Ms",
    "p99Ms",
    "elections",
  ),
  plots: [{ kind: "bars", metric: "ratePerSecond" }],
  run: (lab) =>
    lab.withCluster("balsa", {}, async (cluster) => {
      const { rounds, warmUpSeconds } = lab.effort;
      await lab.drive(cluster, { ...setsOfNewKeys, seconds: warmUpSeconds }, `${name} warm-up`);
      const turns = { rounds, variants: CONNECTIONS, contestants: [cluster] };
      await inTurns(turns, ({ round, variant: connections }) =>
        measure(lab, cluster, { connections, round }),
      );
    }),
};
export default scenario;
