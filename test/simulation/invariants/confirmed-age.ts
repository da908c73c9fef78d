import { raftKinds } from "../../../src/codec/raft-messages";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { LogIndex, Term } from "../../../src/types";
import type { Invariant } from "../invariant";
import { roundOf } from "../places";

/** Ages are told in whole ms. */
const ROUNDING_MS = 1;

/**
 * I15: an age that a leader tells is the truth: a round that a majority has answered is so old, and
 * so long ago nothing was committed that lies behind the commit index told with it. By it stale
 * reads say how stale they are.
 */
export const confirmedAge: Invariant = {
  name: "I15 confirmed age",
  watch: ({ cluster, ghost }, violate) => {
    /** When more was committed than before; ascending. */
    const history: { readonly atMs: number; readonly committed: LogIndex }[] = [];
    const committedAt = (ms: number) => history.findLast(({ atMs }) => atMs <= ms)?.committed ?? 0;
    /** When each leader sent each of its rounds first, by term. */
    const sentAtMs = new Map<number, number>();
    const checkRound = ({ id, running }: SimulatedNode, term: Term, ageMs: number) => {
      const context = running?.actor.raft.context;
      const round = context?.currentTerm === term ? context.leadership?.quorumRound : undefined;
      const atMs = round === undefined ? undefined : sentAtMs.get(roundOf(term, round, id));
      if (atMs === undefined || ageMs >= cluster.clock.nowMs - atMs - ROUNDING_MS) return;
      violate(`leader ${id} tells an age of ${ageMs} ms, its round ${round} is older`);
    };
    return {
      onSent(sender, sent) {
        const { id } = sender;
        if (sent.kind !== raftKinds.AppendEntries || sent.decoded.kind !== "raft") return;
        const { message } = sent.decoded;
        if (message.type !== "AppendEntries") return;
        const { confirmedAgeMs, leaderCommit, round, term } = message;
        const place = roundOf(term, round, id);
        if (!sentAtMs.has(place)) sentAtMs.set(place, cluster.clock.nowMs);
        if (confirmedAgeMs === null) return;
        checkRound(sender, term, confirmedAgeMs);
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
