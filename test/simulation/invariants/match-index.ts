import type { Invariant } from "../invariant";

/** I16: a leader counts a peer only for what the peer's disk holds of the leader's own log. */
export const matchIndexIsTrue: Invariant = {
  name: "I16 match index",
  watch: ({ cluster, mayForget }, violate) => ({
    onChanged(node, { leadership }, before) {
      if (leadership === null || leadership.matchIndex === before?.leadership?.matchIndex) return;
      for (const [id, match] of leadership.matchIndex) {
        const peer = cluster.node(id);
        if (mayForget(peer) || match === before?.leadership?.matchIndex.get(id)) continue;
        const { witness } = peer;
        if (match > witness.durableIndex) {
          violate(`leader ${node.id} counts ${id} up to ${match}, it has ${witness.durableIndex}`);
        }
        if (witness.chainAt(match) !== node.witness.chainAt(match)) {
          violate(`leader ${node.id} counts ${id} up to ${match}, where their logs differ`);
        }
      }
    },
  }),
};
