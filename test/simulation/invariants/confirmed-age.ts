import { raftKinds } from "../../../src/codec/raft-messages";
import type { LogIndex } from "../../../src/types";
import type { Invariant } from "../invariant";

/** Ages are told in whole ms. */
const ROUNDING_MS = 1;

/**
 * I15: an age that a leader tells is the truth: so long ago nothing was committed that lies behind
 * the commit index told with it. By it stale reads say how stale they are.
 */
export const confirmedAge: Invariant = {
  name: "I15 confirmed age",
  watch: ({ cluster, ghost }, violate) => {
    /** When more was committed than before; ascending. */
    const history: { readonly atMs: number; readonly committed: LogIndex }[] = [];
    const committedAt = (ms: number) => history.findLast(({ atMs }) => atMs <= ms)?.committed ?? 0;
    return {
      onSent({ id }, sent) {
        if (sent.kind !== raftKinds.AppendEntries || sent.decoded.kind !== "raft") return;
        const { message } = sent.decoded;
        if (message.type !== "AppendEntries" || message.confirmedAgeMs === null) return;
        const { confirmedAgeMs, leaderCommit } = message;
        const committed = committedAt(cluster.clock.nowMs - confirmedAgeMs - ROUNDING_MS);
        if (committed <= leaderCommit) return;
        violate(
          `leader ${id} tells that ${leaderCommit} were all that was committed ` +
            `${confirmedAgeMs} ms ago; ${committed} were`,
        );
      },
      onEvent() {
        const committed = ghost.committedIndex;
        if (committed === (history.at(-1)?.committed ?? 0)) return;
        history.push({ atMs: cluster.clock.nowMs, committed });
      },
    };
  },
};
