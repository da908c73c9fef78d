/** How much the cluster does, and how long it takes. */
import { count, duration, rate } from "../view/formats";
import type { Load, LoadColumns } from "../view/load";
import { usePage } from "./page-context";
import { Panel } from "./panel";
import { Plot, type Series } from "./plot";

const THROUGHPUT: readonly Series<Load>[] = [
  {
    title: "writes/s",
    colour: "--accent",
    isFilled: true,
    pick: (load) => load.writesPerSecond,
  },
  { title: "reads/s", colour: "--muted", pick: (load) => load.readsPerSecond },
];
const LATENCY: readonly Series<Load>[] = [
  { title: "write p50", colour: "--accent", pick: (load) => load.writeP50Ms },
  { title: "write p99", colour: "--accent", isDashed: true, pick: (load) => load.writeP99Ms },
  { title: "read p50", colour: "--muted", pick: (load) => load.readP50Ms },
  { title: "read p99", colour: "--muted", isDashed: true, pick: (load) => load.readP99Ms },
];

export function LoadPanel() {
  const { load } = usePage();
  const columns: LoadColumns = load.value;
  const now = columns.loads.at(-1);
  return (
    <Panel id="load" title="Load" note="clients' requests, all nodes together">
      <dl class="tiles">
        <Tile title="writes/s" value={rate(now?.writesPerSecond ?? null)} />
        <Tile title="write p50" value={duration(now?.writeP50Ms ?? null)} />
        <Tile title="write p99" value={duration(now?.writeP99Ms ?? null)} />
        <Tile title="reads/s" value={rate(now?.readsPerSecond ?? null)} />
        <Tile title="disk syncs/s" value={rate(now?.syncsPerSecond ?? null)} />
        <Tile title="failed" value={count(now?.failed ?? null)} />
      </dl>
      <Plot
        title="Throughput"
        unit="per second"
        times={columns.times}
        rows={columns.loads}
        series={THROUGHPUT}
        toText={rate}
      />
      <Plot
        title="Latency"
        unit="of the slowest node"
        times={columns.times}
        rows={columns.loads}
        series={LATENCY}
        toText={duration}
      />
    </Panel>
  );
}

const Tile = ({ title, value }: { title: string; value: string }) => (
  <div class="tile">
    <dt>{title}</dt>
    <dd>{value}</dd>
  </div>
);
