import type { Invariant } from "../invariant";

/** I1: "at most one leader can be elected in a given term" (Raft figure 3). */
export const electionSafety: Invariant = {
  name: "I1 election safety",
  watch: ({ ghost }, violate) => ({
    onChanged(node, { currentTerm, leadership }) {
      if (leadership === null) return;
      const known = ghost.leaders.get(currentTerm);
      if (known === undefined) ghost.leaders.set(currentTerm, node.id);
      else if (known !== node.id) {
        violate(`nodes ${known} and ${node.id} both lead term ${currentTerm}`);
      }
    },
  }),
};
