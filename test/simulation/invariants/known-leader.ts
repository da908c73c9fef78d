import { raftKinds } from "../../../src/codec/raft-messages";
import type { NodeId, Term } from "../../../src/types";
import type { Invariant } from "../invariant";

/**
 * I1: whom a node takes for the leader is one who has spoken as the leader of the very term that
 * the node is in (Raft §5.2); and who leads knows it.
 */
export const knownLeader: Invariant = {
  name: "I1 known leader",
  watch: (_, violate) => {
    const spoke = new Map<Term, Set<NodeId>>();
    return {
      onSent({ id }, sent) {
        if (sent.kind !== raftKinds.AppendEntries || sent.decoded.kind !== "raft") return;
        const { term } = sent.decoded.message;
        const inTerm = spoke.get(term);
        if (inTerm === undefined) spoke.set(term, new Set([id]));
        else inTerm.add(id);
      },
      onChanged(node, { currentTerm, leaderId, leadership }, before) {
        const isSame =
          before?.leaderId === leaderId &&
          before.currentTerm === currentTerm &&
          (before.leadership === null) === (leadership === null);
        if (isSame || node.life.isOver) return;
        if ((leaderId === node.id) !== (leadership !== null)) {
          violate(`node ${node.id} takes ${leaderId} for the leader and is not of one mind`);
        }
        if (leaderId === null || leaderId === node.id) return;
        if (!spoke.get(currentTerm)?.has(leaderId)) {
          violate(`node ${node.id} takes ${leaderId} for the leader of term ${currentTerm}`);
        }
      },
    };
  },
};
