/** One node of the figure: chosen by a click, lit when it leads, crossed out when it is lost. */
import { count } from "../view/formats";
import type { NodeView } from "../view/node-view";
import type { Place } from "../view/ring";
import { roleTitle } from "../view/roles";
import { usePage } from "./page-context";

export function NodeCard({ node, place }: { node: NodeView; place: Place }) {
  const { chosenNode, leader, shownNode } = usePage();
  const isShown = shownNode.value?.id === node.id;
  const isLit = leader.value?.id === node.id;
  const { log, presence, role, state, term } = node;
  const isLost = presence === "lost";
  return (
    <button
      type="button"
      class="node"
      data-node={node.id}
      data-role={isLost ? "lost" : role}
      data-presence={presence}
      data-lit={String(isLit)}
      aria-pressed={isShown}
      style={{ left: `${place.x * 100}%`, top: `${place.y * 100}%` }}
      onClick={() => {
        chosenNode.value = node.id;
      }}
    >
      <span class="node-name">Node {node.id}</span>
      <span class="node-role">
        {isLost ? "No answer" : roleTitle(role, state)}
        {!node.voter && !isLost && ", learner"}
      </span>
      <span class="node-facts">
        <span>
          term <b>{term ?? "–"}</b>
        </span>
        <span>
          commit <b>{count(log?.commitIndex ?? null)}</b>
        </span>
      </span>
    </button>
  );
}
