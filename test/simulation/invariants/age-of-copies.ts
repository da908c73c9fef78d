import type { Invariant } from "../invariant";

/**
 * I15: "at most this old" is true of every copy, whether anybody reads it or not. It is looked at
 * when a leader's word has just made it seem fresh.
 */
export const ageOfCopies: Invariant = {
  name: "I15 age of copies",
  watch: ({ freshness }, violate) => ({
    onChanged(node, after, before) {
      const isNews =
        after.leaderRound !== before?.leaderRound || after.commitIndex !== before.commitIndex;
      if (!isNews || !node.running || node.life.isOver) return;
      const { actor, projection } = node.running;
      const ageMs = actor.handle.stalenessMs();
      if (ageMs === null) return;
      const owed = freshness.owed(node, ageMs);
      if (projection.appliedIndex >= owed) return;
      violate(
        `node ${node.id} calls its copy ${ageMs} ms old at most, has applied ` +
          `${projection.appliedIndex}, and ${owed} was committed before that`,
      );
    },
  }),
};
