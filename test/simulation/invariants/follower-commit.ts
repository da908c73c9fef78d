import type { Invariant } from "../invariant";

/**
 * I9: a follower knows as committed only what a leader has committed, and holds the very entries:
 * nothing beyond what its leader's messages have verified.
 */
export const followerCommit: Invariant = {
  name: "I9 follower commit",
  watch: ({ ghost }, violate) => ({
    onChanged(node, { commitIndex, leadership, verifiedIndex }, before) {
      if (leadership !== null || commitIndex === (before?.commitIndex ?? 0)) return;
      // Killed within the step: its log was not told what its chart already knew.
      if (node.life.isOver) return;
      if (commitIndex > ghost.committedIndex) {
        violate(`node ${node.id} takes entry ${commitIndex} for committed, which no leader does`);
      }
      if (!ghost.holdsCommitted(node, commitIndex)) {
        violate(`node ${node.id} takes another entry ${commitIndex} for the committed one`);
      }
      if (before !== null && !before.leadership && commitIndex > verifiedIndex) {
        violate(`node ${node.id} commits ${commitIndex} but has verified ${verifiedIndex} only`);
      }
    },
  }),
};
