import { majority } from "../../../src/machines/quorum";
import { configurationOf } from "../../../src/machines/raft/context";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import { type Configuration, membersOf } from "../../../src/types";
import type { Invariant } from "../invariant";

const isPlain = ({ voters }: Configuration) => voters.every(({ diskId }) => diskId === null);

/** Who decides: every voter of a cluster without bindings, else those that are bound. */
function decidersOf(configuration: Configuration, byDisk: boolean): ReadonlySet<string> {
  const { voters } = configuration;
  const deciders = isPlain(configuration) ? voters : voters.filter(({ diskId }) => diskId !== null);
  return new Set(deciders.map(({ diskId, id }) => (byDisk ? `${id} on ${diskId}` : `${id}`)));
}

/** Whether every majority of the one meets every majority of the other, disk by disk. */
function quorumsMeet(a: Configuration, b: Configuration): boolean {
  // Where nobody is bound yet, one id is one voter.
  const byDisk = !isPlain(a) && !isPlain(b);
  const [deciders, others] = [decidersOf(a, byDisk), decidersOf(b, byDisk)];
  const common = [...deciders].filter((decider) => others.has(decider)).length;
  const [needed, needed2] = [majority(a.voters.length), majority(b.voters.length)];
  // The two that share the least: each made of those that the other has not, as far as they go.
  const shared = Math.max(0, needed - (deciders.size - common));
  const shared2 = Math.max(0, needed2 - (others.size - common));
  return shared + shared2 > common;
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((decider) => b.has(decider));

const haveSameVoters = (a: Configuration, b: Configuration): boolean =>
  isSame(decidersOf(a, true), decidersOf(b, true));

/** Whether nothing has changed but that founders were bound to their disks for the first time. */
const isFirstBinding = (after: Configuration, before: Configuration): boolean =>
  isPlain(before) && !isPlain(after) && isSame(idsOf(after), idsOf(before));

const idsOf = (configuration: Configuration): ReadonlySet<string> =>
  new Set([
    ...configuration.voters.map(({ id }) => `${id}`),
    ...configuration.learners.map(({ id }) => `learner ${id}`),
    ...configuration.removed.map(({ id }) => `removed ${id}`),
  ]);

/** Whether the leader has committed in its own term. */
const isEstablished = ({ commitIndex, leadership }: RaftContext): boolean =>
  leadership !== null && commitIndex >= leadership.firstIndex;

/** What is wrong with the second of two configurations in a row; null where nothing is. */
function faultOf(before: Configuration, after: Configuration): string | null {
  if (after.voters.length === 0) return "leaves nobody to vote";
  const members = membersOf(after).map(({ id }) => id);
  if (new Set(members).size < members.length) return "names a node twice";
  const gone = before.removed.find(({ id }) => !after.removed.some((other) => other.id === id));
  if (gone) return `has forgotten that node ${gone.id} was removed`;
  const reused = after.removed.find(({ id }) => members.includes(id));
  if (reused) return `uses the id of node ${reused.id} again`;
  const lost = membersOf(before).find(
    ({ diskId, id }) =>
      diskId !== null &&
      !members.includes(id) &&
      !after.removed.some((other) => other.id === id && other.diskId === diskId),
  );
  if (lost) return `has lost node ${lost.id} without a trace`;
  const rebound = membersOf(before).find(({ diskId, id }) => {
    const now = membersOf(after).find((member) => member.id === id);
    return now !== undefined && diskId !== null && now.diskId !== diskId;
  });
  if (rebound) return `binds node ${rebound.id} to another disk`;
  return quorumsMeet(before, after) ? null : "can decide without the one before it";
}

/**
 * I12: one change of configuration at a time, each with quorums that meet the one's before, and
 * none before the leader has committed in its own term (Ongaro 2015) but the first bindings. Ids
 * and disks are never used again. A new server catches up before it is promoted (Thesis §4.2.1): it
 * has what the leader's term began with.
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
        const fault = faultOf(previous, configuration);
        if (fault !== null) violate(`the configuration at ${index} ${fault}`);
      });
      const isAppended = after.configurations.at(-1)?.index !== before.configurations.at(-1)?.index;
      if (after.leadership === null || !isAppended) return;
      const [now, then] = [configurationOf(after), configurationOf(before)];
      const promoted = then.learners.find(({ id }) => now.voters.some((voter) => voter.id === id));
      const match = promoted && after.leadership.matchIndex.get(promoted.id);
      if (promoted && (match ?? 0) < after.leadership.firstIndex) {
        violate(`leader ${node.id} promotes ${promoted.id}, which holds ${match} entries`);
      }
      if (isEstablished(after)) return;
      if (isFirstBinding(now, then)) return;
      const what = haveSameVoters(now, then) ? "the configuration" : "who votes";
      violate(`leader ${node.id} changes ${what} before it has committed in its term`);
    },
  }),
};
