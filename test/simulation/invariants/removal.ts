import { configurationAt } from "../../../src/machines/raft/context";
import type { Invariant } from "../invariant";

/**
 * I19: whoever stops as removed was removed, for good; and "a leader that is removed from the
 * configuration steps down once the C_new entry is committed" (Thesis §4.2.2).
 */
export const removal: Invariant = {
  name: "I19 removal",
  watch: ({ ghost }, violate) => ({
    onEnded({ id }, { kind }) {
      if (kind !== "removed") return;
      const isTrue = ghost.configuration?.removed.some((member) => member.id === id);
      if (!isTrue) violate(`node ${id} stops as one that was removed, and was not`);
    },
    onChanged({ id }, after, before) {
      if (after.leadership === null) return;
      if (after.commitIndex === before?.commitIndex && before.leadership !== null) return;
      const { voters } = configurationAt(after, after.commitIndex).configuration;
      // One that is elected by a configuration still to be committed is a voter of that.
      const latest = after.configurations.at(-1)?.configuration.voters ?? [];
      const isIn = [...voters, ...latest].some((voter) => voter.id === id);
      if (!isIn) violate(`node ${id} leads on, and is no voter any more`);
    },
  }),
};
