/** The chosen node: where it stands, its machines, and what can be asked of it. */
import { useEffect } from "preact/hooks";
import type { Machine } from "../answers";
import { duration } from "../view/formats";
import type { NodeView } from "../view/node-view";
import { roleTitle } from "../view/roles";
import { kindOf } from "../view/transitions";
import { NodeActions } from "./node-actions";
import { usePage } from "./page-context";
import { Panel } from "./panel";

/** Contexts change without a transition: the chosen node's are asked for again. */
const LOOK_AGAIN_MS = 2_000;

export function NodePanel() {
  const { shownFeed, shownNode } = usePage();
  const node = shownNode.value;
  const feed = shownFeed.value;
  useEffect(() => {
    const timer = setInterval(() => void feed?.inspect(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [feed]);
  if (node === null)
    return <Panel id="node" title="Node" children={<p class="empty">Asking…</p>} />;
  const machines = inReadingOrder(feed?.inspection.value?.machines ?? []);
  return (
    <Panel id="node" title={`Node ${node.id}`} note={standing(node)}>
      {machines.length === 0 ? (
        <p class="empty">This page cannot hear the machines of node {node.id} from here.</p>
      ) : (
        <MachineList machines={machines} />
      )}
      {node.presence === "lost" && machines.length > 0 && (
        <p class="aside">
          It does not answer. This is how its machines stood when it was last heard.
        </p>
      )}
      <NodeActions node={node} />
    </Panel>
  );
}

function standing({ address, presence, role, state, term }: NodeView): string {
  const where = address ?? "address unknown";
  if (presence === "lost") return `no answer · ${where}`;
  return `${roleTitle(role, state)} · term ${term ?? "–"} · ${where}`;
}

function MachineList({ machines }: { machines: readonly Machine[] }) {
  const { machine: shown } = usePage();
  return (
    <section class="machines" aria-label="Machines">
      {machines.map((machine) => (
        <button
          key={machine.machine}
          type="button"
          class="machine"
          disabled={machine.chart === null}
          aria-pressed={shown.value === machine.machine}
          onClick={() => {
            shown.value = machine.machine;
          }}
        >
          <span class="machine-name">{machine.machine}</span>
          <span class="machine-state">{machine.state}</span>
          <span class="machine-detail">{detailOf(machine)}</span>
          <span class="machine-since">{duration(machine.in_state_ms)}</span>
        </button>
      ))}
    </section>
  );
}

const ORDER: readonly string[] = [
  "raft",
  "replicator",
  "link",
  "acceptance",
  "compaction",
  "membership",
  "recovery",
];

/** The protocol first, then what serves it; those of a kind by their peer. */
function inReadingOrder(machines: readonly Machine[]): readonly Machine[] {
  const rank = ({ machine }: Machine) => ORDER.indexOf(kindOf(machine));
  return machines.toSorted(
    (one, other) => rank(one) - rank(other) || one.machine.localeCompare(other.machine),
  );
}

/** The fields of a context that tell most, as `match 120`. */
const TELLING: Readonly<Record<string, string>> = {
  voted_for: "voted for",
  votes: "votes",
  transfer_to: "hands over to",
  match_index: "match",
  next_index: "next",
  in_flight: "in flight",
  failures: "failures",
  reason: "",
  last_snapshot_index: "snapshot",
  start: "start",
};

function detailOf({ context }: Machine): string {
  return Object.entries(TELLING)
    .flatMap(([field, title]) => {
      const value = context[field];
      const isTold = typeof value === "number" || typeof value === "string" || Array.isArray(value);
      return isTold && value !== 0 ? [`${title} ${String(value)}`.trim()] : [];
    })
    .join(" · ");
}
