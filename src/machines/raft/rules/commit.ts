/** Committing (Raft §5.3, §5.4.2). */
import { logIndex } from "../../../types";
import { termAt } from "../../log-shape";
import { quorumValue } from "../../quorum";
import { votersOf } from "../context";
import { type Consequence, nothing } from "../rule";
import type { RaftContext } from "../vocabulary";

/**
 * "If there exists an N such that N > commitIndex, a majority of matchIndex[i] >= N, and
 * log[N].term == currentTerm: set commitIndex = N" (figure 2). The leader counts itself by what its
 * own disk holds. An entry of an earlier term is never committed by counting: it goes with the
 * first one of this term (§5.4.2, figure 8).
 */
export function advanceCommitIndex(context: RaftContext): Consequence {
  const { leadership } = context;
  if (leadership === null) return nothing;
  const held = votersOf(context).map(({ id }) =>
    id === context.id ? context.durableIndex : (leadership.matchIndex.get(id) ?? 0),
  );
  const commitIndex = logIndex(quorumValue(held));
  if (commitIndex <= context.commitIndex) return nothing;
  if (termAt(context.log, commitIndex) !== context.currentTerm) return nothing;
  return { context: { commitIndex }, effects: [{ type: "applyCommitted", commitIndex }] };
}
