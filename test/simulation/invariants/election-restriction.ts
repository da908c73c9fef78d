import { raftKinds } from "../../../src/codec/raft-messages";
import type { SimulatedNode } from "../../../src/simulation/node";
import type { LogIndex, NodeId, Term } from "../../../src/types";
import type { Invariant } from "../invariant";

/** The end of a log. */
interface End {
  readonly lastLogTerm: Term;
  readonly lastLogIndex: LogIndex;
}

/** A candidate's claim, and what the others' disks held when it was made. */
interface Claim {
  readonly end: End;
  readonly held: ReadonlyMap<NodeId, End>;
}

const isBehind = (a: End, b: End): boolean =>
  a.lastLogTerm < b.lastLogTerm ||
  (a.lastLogTerm === b.lastLogTerm && a.lastLogIndex < b.lastLogIndex);

/** A log only gets better while its disk is sound, and this much of it no crash takes away. */
const heldBy = ({ witness }: SimulatedNode): End => ({
  lastLogIndex: witness.durableIndex,
  lastLogTerm: witness.termAt(witness.durableIndex),
});

/**
 * I6: "the voter denies its vote if its own log is more up-to-date than that of the candidate"
 * (Raft §5.4.1); and says so when it is asked before an election (Thesis §9.6).
 */
export const electionRestriction: Invariant = {
  name: "I6 election restriction",
  watch: ({ cluster, mayForget }, violate) => {
    const claims = new Map<string, Claim[]>();
    const check = (voter: SimulatedNode, candidate: NodeId, term: Term, own?: End) => {
      const made = claims.get(`${candidate} in ${term}`) ?? [];
      const isFair = ({ end, held }: Claim) => {
        const known = own ?? held.get(voter.id);
        return known === undefined || !isBehind(end, known);
      };
      if (made.some(isFair) || mayForget(voter)) return;
      violate(`node ${voter.id} is for ${candidate} in term ${term}, whose log is behind its own`);
    };
    return {
      onSent(sender, sent) {
        const isClaim = sent.kind === raftKinds.PreVote || sent.kind === raftKinds.RequestVote;
        if (!isClaim && sent.kind !== raftKinds.PreVoteReply) return;
        if (sent.decoded.kind !== "raft") return;
        const { message } = sent.decoded;
        if (message.type === "PreVoteReply" && message.granted) {
          check(sender, sent.to, message.term);
        }
        if (message.type !== "PreVote" && message.type !== "RequestVote") return;
        const place = `${sender.id} in ${message.term}`;
        const held = new Map(cluster.nodes.map((node) => [node.id, heldBy(node)]));
        claims.set(place, [...(claims.get(place) ?? []), { end: message, held }]);
      },
      onChanged(node, { currentTerm, log, votedFor }, before) {
        if (before === null || votedFor === null || votedFor === node.id) return;
        if (votedFor === before.votedFor && currentTerm === before.currentTerm) return;
        const own = { lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm };
        check(node, votedFor, currentTerm, own);
      },
    };
  },
};
