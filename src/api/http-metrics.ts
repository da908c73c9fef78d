/** Counts requests and their durations, and writes metrics as Prometheus text. */
import type { Metric } from "../actors/node-handle";
import type { RequestTallies, RequestTally } from "../observe/requests";

/** Upper bounds of the histogram's buckets. **Units**: seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A client may invent methods; each would be a series for ever. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);

/** Requests of one method on one route. */
interface RouteCounts {
  /** `method="GET",route="/get/{key}"`. */
  readonly labels: string;
  readonly byStatus: Map<number, number>;
  /** How many took at most the bound of the same place, and more than the one before. */
  readonly buckets: number[];
  secondsTotal: number;
  count: number;
  /** Where reads and writes are counted together; null for what is neither. */
  readonly tally: RequestTally | null;
}

export class HttpMetrics {
  /** By route, then by method: no name is put together for each request. */
  private readonly routes = new Map<string, Map<string, RouteCounts>>();

  constructor(private readonly tallies: RequestTallies) {}

  /** `route` is the pattern, never the path asked for: the number of series stays bounded. */
  observe(method: string, route: string, answered: { status: number; seconds: number }): void {
    const counts = this.countsOf(METHODS.has(method) ? method : "other", route);
    const { status, seconds } = answered;
    counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + 1);
    counts.count++;
    counts.tally?.observe(answered);
    counts.secondsTotal += seconds;
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] ?? 0)) bucket++;
    if (bucket < BUCKETS.length) counts.buckets[bucket] = (counts.buckets[bucket] ?? 0) + 1;
  }

  private countsOf(method: string, route: string): RouteCounts {
    let methods = this.routes.get(route);
    if (methods === undefined) {
      methods = new Map();
      this.routes.set(route, methods);
    }
    const known = methods.get(method);
    if (known !== undefined) return known;
    const labels = `method="${escapeLabel(method)}",route="${escapeLabel(route)}"`;
    const buckets = BUCKETS.map(() => 0);
    const tally = this.tallyOf(method, route);
    const counts = { labels, byStatus: new Map(), buckets, secondsTotal: 0, count: 0, tally };
    methods.set(method, counts);
    return counts;
  }

  private tallyOf(method: string, route: string): RequestTally | null {
    if (route === "/set") return this.tallies.writes;
    if (!/^\/(get|v1\/kv)(\/|$)/.test(route)) return null;
    return method === "GET" || method === "HEAD" ? this.tallies.reads : this.tallies.writes;
  }

  private counts(): readonly RouteCounts[] {
    return [...this.routes.values()].flatMap((methods) => [...methods.values()]);
  }

  /** The whole of `/metrics`: the node's samples, then the requests. */
  render(node: readonly Metric[]): string {
    return [
      ...node.flatMap(renderMetric),
      ...this.renderRequests(),
      ...this.renderDurations(),
      "",
    ].join("\n");
  }

  private renderRequests(): readonly string[] {
    const name = "balsa_http_requests_total";
    const head = headOf({ name, help: "Requests answered.", type: "counter" });
    const samples = this.counts().flatMap(({ labels, byStatus }) =>
      [...byStatus].map(([status, count]) => `${name}{${labels},status="${status}"} ${count}`),
    );
    return [...head, ...samples];
  }

  private renderDurations(): readonly string[] {
    const name = "balsa_http_request_duration_seconds";
    const help = "Time from a request's head to its answer.";
    const samples = this.counts().flatMap((counts) => {
      let upTo = 0;
      const buckets = BUCKETS.map((bound, at) => {
        upTo += counts.buckets[at] ?? 0;
        return `${name}_bucket{${counts.labels},le="${bound}"} ${upTo}`;
      });
      return [
        ...buckets,
        `${name}_bucket{${counts.labels},le="+Inf"} ${counts.count}`,
        `${name}_sum{${counts.labels}} ${counts.secondsTotal}`,
        `${name}_count{${counts.labels}} ${counts.count}`,
      ];
    });
    return [...headOf({ name, help, type: "histogram" }), ...samples];
  }
}

const headOf = (metric: { name: string; help: string; type: string }): readonly string[] => [
  `# HELP ${metric.name} ${metric.help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}`,
  `# TYPE ${metric.name} ${metric.type}`,
];

function renderMetric(metric: Metric): readonly string[] {
  const samples = metric.samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escapeLabel(text)}"`);
    return `${metric.name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
  });
  return [...headOf(metric), ...samples];
}

const escapeLabel = (text: string): string =>
  text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
