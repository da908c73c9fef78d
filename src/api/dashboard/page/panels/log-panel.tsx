/** How far each node's log has come, and the entries of the chosen one. */
import { useSignal } from "@preact/signals";
import { count } from "../view/formats";
import { entriesBehind, type LogBar, logBar, logScale, type Reach } from "../view/log-bars";
import type { NodeView } from "../view/node-view";
import { Choice } from "./choice";
import { LogEntries } from "./log-entries";
import { usePage } from "./page-context";
import { Panel } from "./panel";

const REACHES = [
  { value: "all", title: "Whole log" },
  { value: 1_000, title: "Last 1,000" },
  { value: 100, title: "Last 100" },
] as const;

export function LogPanel() {
  const { cluster, leader, shownNode } = usePage();
  const reach = useSignal<Reach>("all");
  const nodes = cluster.nodes.value;
  const scale = logScale(
    nodes.flatMap(({ log }) => log ?? []),
    reach.value,
  );
  const shown = shownNode.value;
  const lead = leader.value;
  const leaderWord = lead === null ? null : (cluster.feedOf(lead.id)?.live.value ?? null);
  return (
    <Panel
      id="log"
      title="Log"
      note={`entries ${count(scale.firstIndex + 1)} to ${count(scale.lastIndex)}`}
      tools={
        <Choice
          label="Part of the log"
          options={REACHES}
          chosen={reach.value}
          onChoose={(chosen) => {
            reach.value = chosen;
          }}
        />
      }
    >
      <div class="log-bars">
        {nodes.map((node) => (
          <Bar
            key={node.id}
            node={node}
            bar={node.log && logBar(node.log, scale)}
            behind={entriesBehind(leaderWord, node.id)}
          />
        ))}
      </div>
      <Legend />
      {shown !== null && <LogEntries key={shown.id} id={shown.id} />}
    </Panel>
  );
}

interface BarParts {
  readonly node: NodeView;
  readonly bar: LogBar | null;
  readonly behind: number | null;
}

function Bar({ bar, behind, node }: BarParts) {
  const { id, log, presence } = node;
  return (
    <div class="log-row" data-presence={presence}>
      <span class="log-name">Node {id}</span>
      {bar === null || log === null ? (
        <span class="log-numbers">nothing known</span>
      ) : (
        <>
          <span class="log-bar" aria-hidden="true">
            <Part kind="last" to={bar.last} />
            <Part kind="committed" to={bar.committed} />
            <Part kind="applied" to={bar.applied} />
            <Part kind="snapshot" to={bar.snapshot} />
          </span>
          <dl class="log-numbers">
            <Fact title="snapshot" value={log.snapshotIndex} />
            <Fact title="applied" value={log.appliedIndex} />
            <Fact title="committed" value={log.commitIndex} />
            <Fact title="last" value={log.lastIndex} />
            {behind !== null && behind > 0 && <Fact title="behind" value={behind} />}
          </dl>
        </>
      )}
    </div>
  );
}

const Part = ({ kind, to }: { kind: string; to: number }) =>
  to > 0 && <span class="log-part" data-kind={kind} style={{ width: `${to * 100}%` }} />;

const Fact = ({ title, value }: { title: string; value: number }) => (
  <div data-kind={title}>
    <dt>{title}</dt>
    <dd>{count(value)}</dd>
  </div>
);

const Legend = () => (
  <ul class="legend log-legend" aria-hidden="true">
    {["snapshot", "applied", "committed", "last"].map((kind) => (
      <li key={kind}>
        <span class="log-key">
          <span class="log-part" data-kind={kind} />
        </span>
        {kind === "last" ? "not committed yet" : kind}
      </li>
    ))}
  </ul>
);
