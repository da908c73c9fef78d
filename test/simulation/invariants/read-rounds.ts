import { raftKinds } from "../../../src/codec/raft-messages";
import { majority } from "../../../src/machines/quorum";
import { votersOf } from "../../../src/machines/raft/context";
import type { Leadership } from "../../../src/machines/raft/vocabulary";
import type { NodeId, Term } from "../../../src/types";
import type { Invariant } from "../invariant";
import { wayOf } from "../places";

/** Messages that carry a round. */
const carriers: ReadonlySet<number> = new Set([
  raftKinds.AppendEntries,
  raftKinds.AppendEntriesReply,
  raftKinds.InstallSnapshot,
  raftKinds.InstallSnapshotReply,
]);

/**
 * I15: a read is confirmed when "a majority" has acknowledged "a new round of heartbeats" (Thesis
 * §6.4): a round of this very term, which was truly sent to them, and which they truly answered.
 */
export const readRounds: Invariant = {
  name: "I15 read rounds",
  watch: (_, violate) => {
    /** The last round sent, and the last one answered, by term and direction. */
    const asked = new Map<number, number>();
    const answered = new Map<number, number>();
    const check = (leader: NodeId, term: Term, { answeredRound }: Leadership) => {
      for (const [peer, round] of answeredRound) {
        const sent = asked.get(wayOf(term, leader, peer)) ?? 0;
        if (round > sent) {
          violate(`leader ${leader} has an answer of ${peer} to round ${round}, it sent ${sent}`);
        }
      }
    };
    return {
      onSent({ id }, sent) {
        if (!carriers.has(sent.kind) || sent.decoded.kind !== "raft") return;
        const { message } = sent.decoded;
        if (!("round" in message)) return;
        const isAnswer =
          message.type === "AppendEntriesReply" || message.type === "InstallSnapshotReply";
        const rounds = isAnswer ? answered : asked;
        const way = wayOf(message.term, id, sent.to);
        rounds.set(way, Math.max(rounds.get(way) ?? 0, message.round));
      },
      onChanged({ id }, after, before) {
        const { currentTerm, leadership } = after;
        const earlier = before?.leadership;
        if (leadership === null) return;
        if (leadership.answeredRound !== earlier?.answeredRound) {
          check(id, currentTerm, leadership);
        }
        const { quorumRound } = leadership;
        if (quorumRound === (earlier?.quorumRound ?? 0)) return;
        const voters = votersOf(after);
        const confirming = voters.filter(
          (voter) =>
            voter.id === id || (answered.get(wayOf(currentTerm, voter.id, id)) ?? 0) >= quorumRound,
        );
        if (confirming.length < majority(voters.length)) {
          violate(`leader ${id} takes round ${quorumRound} for answered by a majority`);
        }
      },
    };
  },
};
