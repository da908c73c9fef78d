import type { LogIndex, Term } from "../../../src/types";
import { contextOf, type Invariant } from "../invariant";

/**
 * I4: "a leader never overwrites or deletes entries in its log; it only appends new entries" (Raft
 * figure 3), and only such of its own term. An entry comes into the world in its leader's log.
 */
export const leaderAppendOnly: Invariant = {
  name: "I4 leader append-only",
  watch: (_, violate) => {
    /** For each index the terms under which an entry of it is in the world. */
    const born: Set<Term>[] = [];
    const isBorn = (index: LogIndex, term: Term) => born[index]?.has(term) ?? false;
    return {
      onAppended(node, entries, replaced) {
        const { currentTerm, leadership } = contextOf(node);
        const isLeader = leadership !== null;
        if (isLeader && replaced > 0) violate(`leader ${node.id} replaces ${replaced} entries`);
        for (const { index, term } of entries) {
          if (isLeader && term !== currentTerm) {
            violate(`leader ${node.id} of term ${currentTerm} appends entry ${index} of ${term}`);
          }
          if (!isLeader && !isBorn(index, term)) {
            violate(`entry ${index} of term ${term} appears at ${node.id}, which does not lead it`);
          }
          born[index] ??= new Set();
          born[index].add(term);
        }
      },
    };
  },
};
