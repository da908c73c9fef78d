import { raftKinds } from "../../../src/codec/raft-messages";
import { majority } from "../../../src/machines/quorum";
import { configurationAt, votersOf } from "../../../src/machines/raft/context";
import type { RaftContext } from "../../../src/machines/raft/vocabulary";
import type { NodeId, Term } from "../../../src/types";
import type { Invariant } from "../invariant";

/** By the latest configuration of its log, or by the last that it knows to be committed. */
const isVoterYet = (context: RaftContext, id: NodeId): boolean =>
  [
    ...votersOf(context),
    ...configurationAt(context, context.commitIndex).configuration.voters,
  ].some((voter) => voter.id === id);

/**
 * "A candidate only increments its term if it first learns from a majority of the cluster that they
 * would be willing to grant the candidate their votes" (Thesis §9.6), or if the leader has told it
 * to (§3.10): nobody else disturbs a term, and nobody who is no voter. One whose removal is not
 * known to be committed "might still be needed" (§4.2.2) as a candidate, not as a voter.
 */
export const campaignIsWanted: Invariant = {
  name: "I2 campaign is wanted",
  watch: (_, violate) => {
    /** Who would vote for whom in which term. */
    const willing = new Map<string, Set<NodeId>>();
    const told = new Set<string>();
    const placeOf = (candidate: NodeId, term: Term | number) => `${candidate} in ${term}`;
    return {
      onSent({ id }, sent) {
        const isOfInterest =
          sent.kind === raftKinds.PreVoteReply || sent.kind === raftKinds.TimeoutNow;
        if (!isOfInterest || sent.decoded.kind !== "raft") return;
        const { message } = sent.decoded;
        if (message.type === "TimeoutNow") told.add(placeOf(sent.to, message.term));
        if (message.type !== "PreVoteReply" || !message.granted) return;
        const place = placeOf(sent.to, message.term);
        const known = willing.get(place);
        if (known === undefined) willing.set(place, new Set([id]));
        else known.add(id);
      },
      onChanged({ id }, after, before) {
        const { currentTerm, votedFor } = after;
        if (before === null || votedFor !== id || currentTerm === before.currentTerm) return;
        const voters = votersOf(after);
        if (!isVoterYet(after, id)) {
          violate(`node ${id} campaigns in term ${currentTerm} and is no voter`);
        }
        if (told.has(placeOf(id, currentTerm - 1))) return;
        const grants = willing.get(placeOf(id, currentTerm));
        const wanting = voters.filter((voter) => voter.id === id || grants?.has(voter.id));
        if (wanting.length >= majority(voters.length)) return;
        violate(`node ${id} campaigns in term ${currentTerm}, wanted by ${wanting.length}`);
      },
    };
  },
};
