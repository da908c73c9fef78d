import type { Invariant } from "../invariant";

/**
 * I5: "if two logs contain an entry with the same index and term, then the logs are identical in
 * all entries up through the given index" (Raft figure 3): payloads and times included.
 */
export const logMatching: Invariant = {
  name: "I5 log matching",
  watch: ({ ghost }, violate) => ({
    onAppended(node, entries) {
      for (const { index, term } of entries) {
        const chain = node.witness.chainAt(index) ?? 0;
        const known = ghost.sight(index, { term, chain });
        if (known !== null && known.chain !== chain) {
          violate(`node ${node.id} has another entry ${index} of term ${term}, or before it`);
        }
      }
    },
  }),
};
