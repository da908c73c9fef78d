/** What can be asked of a node: to take a snapshot now, to have another lead. */
import { useSignal } from "@preact/signals";
import type { Problem } from "../answers";
import { type Answered, ask } from "../live/requests";
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

const SNAPSHOT_SAYS =
  "It writes its state to disk and then cuts off the log behind the snapshot before. " +
  "Reads and writes go on meanwhile.";
const TRANSFER_SAYS =
  "It stops taking writes, brings its successor up to date and has it campaign at once. " +
  "Writes wait for some milliseconds.";
const UNTOLD = "Nobody answered: look at who leads before you ask again.";

/** What there is to tell of an answer. */
function toldOf<Body>(
  answer: Answered<Body>,
  tell: (body: Body) => string,
  unanswered: string,
): string | Problem {
  if (answer.kind === "ok") return tell(answer.body);
  return answer.kind === "problem" ? answer.problem : unanswered;
}

export function NodeActions({ node }: { node: NodeView }) {
  const { cluster, leader } = usePage();
  const asking = useSignal<Asking | null>(null);
  const outcome = useSignal<string | Problem | null>(null);
  const voters = cluster.nodes.value.filter(({ id, voter }) => voter && id !== leader.value?.id);
  const done = () => {
    asking.value = null;
  };
  const takeSnapshot = async () => {
    const asked = { method: "POST", timeoutMs: SNAPSHOT_TIMEOUT_MS } as const;
    const origin = cluster.feedOf(node.id)?.origin ?? "";
    const taken = await ask<Snapshot>(origin, "/v1/snapshot?timeout=60s", asked);
    const tell = ({ bytes: length, index }: Snapshot) =>
      `Node ${node.id} has a snapshot up to index ${count(index)}, ${bytes(length)}.`;
    outcome.value = toldOf(taken, tell, `Node ${node.id} did not answer.`);
  };
  const transfer = async (to: string) => {
    const body = JSON.stringify(to === "" ? {} : { to: Number(to) });
    const asked = { method: "POST", body, timeoutMs: TRANSFER_TIMEOUT_MS } as const;
    const path = "/v1/cluster/transfer-leadership?timeout=10s";
    const handed = await cluster.ask<{ leader_id: number }>(path, asked);
    outcome.value = toldOf(handed, ({ leader_id: id }) => `Node ${id} leads now.`, UNTOLD);
  };
  return (
    <footer class="panel-foot">
      <button
        type="button"
        disabled={node.presence !== "live"}
        onClick={() => {
          asking.value = "snapshot";
        }}
      >
        Take snapshot
      </button>
      <button
        type="button"
        disabled={leader.value === null || voters.length === 0}
        onClick={() => {
          asking.value = "transfer";
        }}
      >
        Transfer leadership
      </button>
      {asking.value === "snapshot" && (
        <Confirmation
          title={`Take a snapshot on node ${node.id}?`}
          says={SNAPSHOT_SAYS}
          deed="Take snapshot"
          onDone={done}
          onConfirm={takeSnapshot}
        />
      )}
      {asking.value === "transfer" && (
        <Confirmation
          title={`Have another lead than node ${leader.value?.id ?? "?"}?`}
          says={TRANSFER_SAYS}
          deed="Transfer"
          choices={successors(voters)}
          onDone={done}
          onConfirm={transfer}
        />
      )}
      <Outcome of={outcome} />
    </footer>
  );
}

const successors = (voters: readonly NodeView[]) => ({
  label: "To",
  options: [
    { value: "", title: "the best voter" },
    ...voters.map(({ id }) => ({ value: `${id}`, title: `node ${id}` })),
  ],
});
