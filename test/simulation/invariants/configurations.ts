import { configurationOf } from "../../../src/machines/raft/context";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import type { Configuration } from "../../../src/types";
import type { Invariant } from "../invariant";

const idsOf = ({ voters }: Configuration) => new Set(voters.map(({ id }) => id));

/** Whether every majority of the one meets every majority of the other. */
function quorumsMeet(a: Configuration, b: Configuration): boolean {
  const [ids, others] = [idsOf(a), idsOf(b)];
  const gone = [...ids].filter((id) => !others.has(id)).length;
  const come = [...others].filter((id) => !ids.has(id)).length;
  return gone + come <= 1;
}

/** Whether the leader has committed in its own term. */
const isEstablished = ({ commitIndex, leadership }: RaftContext): boolean =>
  leadership !== null && commitIndex >= leadership.firstIndex;

/**
 * I12: one change of configuration at a time, each with quorums that meet the one's before, and
 * none of who votes before the leader has committed in its own term (Ongaro 2015).
 */
export const configurations: Invariant = {
  name: "I12 configurations",
  watch: (_, violate) => ({
    onChanged(node, after, before) {
      if (before === null || after.configurations === before.configurations) return;
      const pending = after.configurations.filter(({ index }) => index > after.commitIndex);
      if (after.leadership !== null && pending.length > 1) {
        violate(`leader ${node.id} has ${pending.length} configurations under way`);
      }
      after.configurations.slice(1).forEach(({ configuration, index }, place) => {
        const previous = after.configurations[place]?.configuration ?? configuration;
        if (!quorumsMeet(previous, configuration)) {
          violate(`the configuration at ${index} can decide without the one before it`);
        }
      });
      const [now, then] = [idsOf(configurationOf(after)), idsOf(configurationOf(before))];
      const isVotersChange = now.size !== then.size || [...now].some((id) => !then.has(id));
      if (after.leadership !== null && isVotersChange && !isEstablished(before)) {
        violate(`leader ${node.id} changes who votes before it has committed in its term`);
      }
    },
  }),
};
