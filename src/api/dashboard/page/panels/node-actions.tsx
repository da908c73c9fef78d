/** What can be asked of a node: to take a snapshot now, to have another lead. */
import { useSignal } from "@preact/signals";
import type { Problem } from "../answers";
import { ask } from "../live/requests";
import { bytes, count } from "../view/formats";
import type { NodeView } from "../view/node-view";
import { Confirmation } from "./confirmation";
import { Outcome } from "./outcome";
import { usePage } from "./page-context";

/** A snapshot of much data takes its time; the node's own patience is told by the query. */
const SNAPSHOT_TIMEOUT_MS = 60_000;
const TRANSFER_TIMEOUT_MS = 10_000;

interface Snapshot {
  readonly index: number;
  readonly bytes: number;
}

type Asking = "transfer" | "snapshot";

export function NodeActions({ node }: { node: NodeView }) {
  const { cluster, leader } = usePage();
  const asking = useSignal<Asking | null>(null);
  const outcome = useSignal<string | Problem | null>(null);
  const isAnswering = node.presence === "live";
  const others = cluster.nodes.value.filter(({ id, voter }) => voter && id !== leader.value?.id);

  const takeSnapshot = async () => {
    const timeoutMs = SNAPSHOT_TIMEOUT_MS;
    const origin = cluster.feedOf(node.id)?.origin ?? "";
    const taken = await ask<Snapshot>(origin, "/v1/snapshot?timeout=60s", {
      method: "POST",
      timeoutMs,
    });
    outcome.value =
      taken.kind === "ok"
        ? `Node ${node.id} has a snapshot up to index ${count(taken.body.index)}, ${bytes(taken.body.bytes)}.`
        : taken.kind === "problem"
          ? taken.problem
          : `Node ${node.id} did not answer.`;
  };
  const transfer = async (to: number | null) => {
    const handed = await cluster.ask<{ leader_id: number }>(
      "/v1/cluster/transfer-leadership?timeout=10s",
      {
        method: "POST",
        body: JSON.stringify(to === null ? {} : { to }),
        timeoutMs: TRANSFER_TIMEOUT_MS,
      },
    );
    outcome.value =
      handed.kind === "ok"
        ? `Node ${handed.body.leader_id} leads now.`
        : handed.kind === "problem"
          ? handed.problem
          : "Nobody answered: look at who leads before you ask again.";
  };

  return (
    <footer class="panel-foot">
      <button type="button" disabled={!isAnswering} onClick={() => (asking.value = "snapshot")}>
        Take snapshot
      </button>
      <button
        type="button"
        disabled={leader.value === null || others.length === 0}
        onClick={() => (asking.value = "transfer")}
      >
        Transfer leadership
      </button>
      {asking.value === "snapshot" && (
        <Confirmation
          title={`Take a snapshot on node ${node.id}?`}
          says="It writes its state to disk and then cuts off the log behind the snapshot before. Reads and writes go on meanwhile."
          deed="Take snapshot"
          onDone={() => (asking.value = null)}
          onConfirm={takeSnapshot}
        />
      )}
      {asking.value === "transfer" && (
        <Confirmation
          title="Transfer leadership?"
          says={`Node ${leader.value?.id ?? "?"} stops taking writes, brings its successor up to date and has it campaign at once. Writes wait for some milliseconds.`}
          deed="Transfer"
          choices={{
            label: "To",
            options: [
              { value: "", title: "the best voter" },
              ...others.map(({ id }) => ({ value: `${id}`, title: `node ${id}` })),
            ],
          }}
          onDone={() => (asking.value = null)}
          onConfirm={(choice) => transfer(choice === "" ? null : Number(choice))}
        />
      )}
      <Outcome of={outcome} />
    </footer>
  );
}
