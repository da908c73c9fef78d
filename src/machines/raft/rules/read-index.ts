/**
 * Linearizable reads (Raft §8, Thesis §6.4): "the leader saves its current commitIndex in a local
 * variable readIndex", then "issues a new round of heartbeats and waits for their acknowledgments
 * from a majority". A round's token is (term, sequence); an answer to a round confirms the reads
 * of that round and of earlier ones, never of later ones (M47, M49).
 */
import { assert } from "../../../assert";
import { quorumValue } from "../../quorum";
import { votersOf } from "../context";
import { all, type Consequence, nothing } from "../rule";
import type { Leadership, RaftContext, RaftEvent, WaitingRead } from "../vocabulary";

type On<T extends RaftEvent["type"]> = Extract<RaftEvent, { type: T }>;

/**
 * "If the leader has not yet marked an entry from its current term committed, it waits until it
 * has done so" (§6.4): before that its commitIndex may be behind what clients were told.
 */
export const hasCommittedInTerm = (context: RaftContext): boolean =>
  context.leadership !== null && context.commitIndex >= context.leadership.firstIndex;

export function requestRead(context: RaftContext, event: On<"client.readRequested">): Consequence {
  const { leadership } = context;
  assert(leadership !== null, "only a leader takes a read index");
  const waiting: WaitingRead = { read: event.read, token: null };
  const waitingReads = [...leadership.waitingReads, waiting];
  const asked = { leadership: { ...leadership, waitingReads } };
  return all({ context: asked }, startReads({ ...context, ...asked }));
}

/** Gives every read without a token one of a new round, once the term has a committed entry. */
export function startReads(context: RaftContext): Consequence {
  const { leadership } = context;
  if (leadership === null || !hasCommittedInTerm(context)) return nothing;
  if (!leadership.waitingReads.some(({ token }) => token === null)) return nothing;
  const token = { round: leadership.round + 1, readIndex: context.commitIndex };
  const waitingReads = leadership.waitingReads.map((waiting) =>
    waiting.token === null ? { ...waiting, token } : waiting,
  );
  return openRound({ ...context, leadership: { ...leadership, waitingReads } }, "round.opened");
}

/** A heartbeat is a round too, so that its answers keep showing how fresh the leader's copy is. */
export const beat = (context: RaftContext): Consequence => openRound(context, "heartbeat.due");

/** A new round: every peer is to answer it. A single voter has answered itself. */
function openRound(context: RaftContext, type: "heartbeat.due" | "round.opened"): Consequence {
  const { leadership } = context;
  assert(leadership !== null, "only a leader opens a round");
  const opened: Leadership = { ...leadership, round: leadership.round + 1 };
  return all(
    {
      context: { leadership: opened },
      effects: [{ type: "openRound", round: opened.round }],
      notices: opened.replicators.map((to) => ({ to, event: { type } })),
    },
    confirmReads({ ...context, leadership: opened }),
  );
}

/** What a quorum has answered is confirmed; an answer of the peer in hand is already recorded. */
export function confirmReads(context: RaftContext): Consequence {
  const { leadership } = context;
  if (leadership === null) return nothing;
  const answered = votersOf(context).map(({ id }) =>
    id === context.id ? leadership.round : (leadership.answeredRound.get(id) ?? 0),
  );
  const quorumRound = quorumValue(answered);
  if (quorumRound <= leadership.quorumRound) return nothing;
  const isConfirmed = ({ token }: WaitingRead) => token !== null && token.round <= quorumRound;
  const confirmed = leadership.waitingReads.filter(isConfirmed);
  const waitingReads = leadership.waitingReads.filter((waiting) => !isConfirmed(waiting));
  return {
    context: { leadership: { ...leadership, quorumRound, waitingReads } },
    effects: [
      // Before the term has committed anything, this copy may lack what clients were told.
      ...(hasCommittedInTerm(context)
        ? [{ type: "confirmRound" as const, round: quorumRound }]
        : []),
      ...confirmed.flatMap(({ read, token }) =>
        token === null ? [] : [{ type: "confirmRead" as const, read, readIndex: token.readIndex }],
      ),
    ],
  };
}

export const declineRead = (_: RaftContext, event: On<"client.readRequested">): Consequence => ({
  effects: [{ type: "declineRead", read: event.read }],
});
