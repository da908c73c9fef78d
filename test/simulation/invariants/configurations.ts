import { configurationOf } from "../../../src/machines/raft/context";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import type { Configuration } from "../../../src/types";
import type { Invariant } from "../invariant";

/** Who decides: every voter of a cluster without bindings, else those that are bound. */
function decidersOf({ voters }: Configuration): ReadonlySet<string> {
  const bound = voters.filter(({ diskId }) => diskId !== null);
  if (bound.length === 0) return new Set(voters.map(({ id }) => `${id}`));
  return new Set(bound.map(({ diskId, id }) => `${id} on ${diskId}`));
}

const isPlain = ({ voters }: Configuration) => voters.every(({ diskId }) => diskId === null);

/** Whether every majority of the one meets every majority of the other. */
function quorumsMeet(a: Configuration, b: Configuration): boolean {
  // The first bindings of all leave fewer to decide, and ask for as many of them.
  if (isPlain(a) && !isPlain(b)) return a.voters.length === b.voters.length;
  const [deciders, others] = [decidersOf(a), decidersOf(b)];
  const gone = [...deciders].filter((decider) => !others.has(decider)).length;
  const come = [...others].filter((decider) => !deciders.has(decider)).length;
  return gone + come <= 1;
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((decider) => b.has(decider));

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
      const [now, then] = [configurationOf(after), configurationOf(before)];
      const isVotersChange = !isPlain(then) && !isSame(decidersOf(now), decidersOf(then));
      if (after.leadership !== null && isVotersChange && !isEstablished(after)) {
        violate(`leader ${node.id} changes who votes before it has committed in its term`);
      }
    },
  }),
};
