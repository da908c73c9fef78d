/** Who leads; or why nobody does, as far as this node can know. */

import { tooFew, unreachable } from "../../actors/peer-reach";
import { duration, nodes } from "../../actors/phrases";
import { mayVote, takesPart } from "../../machines/raft/context";
import type { NodeId } from "../../types";
import type { Evidence, Fact } from "./evidence";

export interface LeaderFact extends Fact {
  readonly id: NodeId | null;
  readonly quorum: Evidence["situation"]["quorum"];
}

export function explainLeader(evidence: Evidence): LeaderFact {
  const { context, leaderId, quorum } = evidence.situation;
  const numbers = { ...quorum, term: context.currentTerm };
  const { ok, says } = describe(evidence);
  return { about: "leader", id: leaderId, ok, says, numbers, quorum };
}

type Verdict = Pick<Fact, "ok" | "says">;

function describe(evidence: Evidence): Verdict {
  const { context, id, leaderId, peers, quorum } = evidence.situation;
  const term = context.currentTerm;
  if (leaderId === id) return describeOwnOffice(evidence);
  if (leaderId === null) return { ok: false, says: `no leader: ${whyNone(evidence)}` };
  const leader = peers.find((peer) => peer.id === leaderId);
  if (leader !== undefined && !leader.healthy) {
    const last = unreachable(leader, evidence.situation.uptimeMs);
    return {
      ok: false,
      says: `node ${leaderId} was the last leader known, of term ${term}; ${last}`,
    };
  }
  const heard = leader?.silenceMs == null ? "" : `, last heard ${duration(leader.silenceMs)} ago`;
  const reachable = `${quorum.reachable} of ${quorum.voters} voters reachable from here`;
  return { ok: true, says: `node ${leaderId} leads term ${term}${heard}; ${reachable}` };
}

function describeOwnOffice({ inStateMs, situation }: Evidence): Verdict {
  const { context, peers, quorum, uptimeMs } = situation;
  const office = `this node leads term ${context.currentTerm}`;
  if (quorum.reachable < quorum.needed) {
    return { ok: false, says: `${office}, but not for long: ${tooFew(peers, quorum, uptimeMs)}` };
  }
  const reachable = `${quorum.reachable} of ${quorum.voters} voters reachable`;
  return {
    ok: true,
    says: `${office}, for ${duration(Math.min(inStateMs, uptimeMs))}; ${reachable}`,
  };
}

function whyNone(evidence: Evidence): string {
  const { context, peers, quorum, uptimeMs } = evidence.situation;
  if (quorum.reachable < quorum.needed) return tooFew(peers, quorum, uptimeMs);
  if (context.forgotten !== null) {
    return (
      `none is heard, and this node gives no vote: its log ends before index ` +
      `${context.forgotten.upTo}, which it may have acknowledged`
    );
  }
  if (!takesPart(context)) return `none is heard, and this node has no vote in this cluster yet`;
  return mayVote(context) ? whyNotElected(evidence) : "none is heard";
}

function whyNotElected({ inStateMs, situation, state }: Evidence): string {
  const { context, peers, quorum } = situation;
  const isAsking = state === "preCandidate" || state === "candidate";
  if (!isAsking) {
    return `none is heard for ${duration(inStateMs)}: this node asks for an election soon`;
  }
  const granted = context.election?.granted ?? new Set();
  const silent = peers.filter((peer) => peer.voter && !granted.has(peer.id));
  const missing = silent
    .filter(({ healthy }) => !healthy)
    .map((peer) => unreachable(peer, situation.uptimeMs));
  const mute = silent.filter(({ healthy }) => healthy).map(({ id }) => id);
  const count = `${granted.size} of ${quorum.needed} votes needed`;
  const what = state === "candidate" ? "campaigns" : "asks whether it could win";
  const refusal =
    mute.length === 0
      ? []
      : [`no vote from ${nodes(mute)}, which may hear a leader or hold a newer log`];
  const asking = `this node ${what} for ${duration(inStateMs)}, ${count}`;
  return [asking, ...refusal, ...missing].join("; ");
}
