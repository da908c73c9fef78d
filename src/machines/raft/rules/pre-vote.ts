/**
 * Pre-vote (Thesis §9.6): "a candidate only increments its term if it first learns from a majority
 * of the cluster that they would be willing to grant the candidate their votes". A node that was
 * cut off therefore comes back without disturbing anyone's term.
 */
import { counts, rivalsOf } from "../context";
import { type Consequence, nothing } from "../rule";
import type { RaftContext, RaftEvent } from "../vocabulary";
import { candidacyTo, recordGrant, wouldElect } from "./election";
import { nextTerm } from "./terms";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/** Asks everyone; forgets the leader, whose lease must not bind its own challengers (M08). */
export function beginPreCampaign(context: RaftContext): Consequence {
  const term = nextTerm(context.currentTerm);
  return {
    context: { leaderId: null, election: { granted: new Set([context.id]), transfer: false } },
    effects: rivalsOf(context).map((to) => ({
      type: "send",
      to,
      message: { type: "PreVote", term, ...candidacyTo(context, to) },
    })),
  };
}

/**
 * Grants without promising anything: no vote is spent and no term changes. A grant names the term
 * asked for; a denial names our own, so that a node left behind learns it (M06, M07).
 */
export function answerPreVote(context: RaftContext, event: On<"PreVote">): Consequence {
  const { sender, message } = event;
  const granted = message.term > context.currentTerm && wouldElect(context, message);
  const term = granted ? message.term : context.currentTerm;
  return {
    effects: [{ type: "send", to: sender.from, message: { type: "PreVoteReply", term, granted } }],
  };
}

/** Counts grants for the very term we ask for; one that comes late is for another (M09). */
export function recordPreVote(context: RaftContext, event: On<"PreVoteReply">): Consequence {
  const { sender, message } = event;
  if (!message.granted || message.term !== nextTerm(context.currentTerm)) return nothing;
  return counts(context, sender.from, sender.diskId) ? recordGrant(context, sender.from) : nothing;
}
