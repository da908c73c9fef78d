/** Gives a replicator's questions and deeds the names by which its chart speaks of them. */
import { setup } from "xstate";
import { indexPlus, isSameSnapshot } from "../../types";
import { enqueueOutcome, onlyOn } from "../rule";
import { stepBack } from "./progress";
import * as rules from "./rules";
import { QUIET_BEATS_MAX, SILENT_BEATS_MAX } from "./transfer";
import type { ReplicatorContext, ReplicatorEvent, ReplicatorInput } from "./vocabulary";

const { transferOf } = rules;

const base = setup({
  types: {
    context: {} as ReplicatorContext,
    events: {} as ReplicatorEvent,
    input: {} as ReplicatorInput,
  },
});

type Rule = (context: ReplicatorContext, event: ReplicatorEvent) => rules.Reaction;

const bind = (rule: Rule) => {
  const act = base.enqueueActions(({ context, event, enqueue }) =>
    enqueueOutcome<ReplicatorContext, never, never>(rule(context, event), enqueue),
  );
  return Object.assign(act, { rule });
};

const action = (rule: (context: ReplicatorContext) => rules.Reaction) => bind(rule);

const actionOn = <T extends ReplicatorEvent["type"]>(
  types: readonly T[],
  rule: (
    context: ReplicatorContext,
    event: Extract<ReplicatorEvent, { readonly type: T }>,
  ) => rules.Reaction,
) => bind(onlyOn<ReplicatorContext, ReplicatorEvent, T, rules.Reaction>(types, rule));

export const replicatorSetup = base.extend({
  guards: {
    /** A rejection of an earlier probe, or of what was acknowledged since, says nothing. */
    isStaleRejection: ({ context, event }) =>
      event.type === "reply.rejected" &&
      (event.prevLogIndex < context.matchIndex || event.prevLogIndex >= context.nextIndex),
    /** Probed entries are in: nothing but that shows that the peer has room for them. */
    answersProbe: ({ context, event }) =>
      event.type === "reply.accepted" && event.matchIndex >= context.probedIndex,
    /** One that says nothing new: the window is as full as it was, which is as full as can be. */
    isKnown: ({ context, event }) =>
      event.type === "reply.accepted" && event.matchIndex <= context.matchIndex,
    isOtherProbe: ({ context, event }) =>
      event.type === "reply.rejected" && event.prevLogIndex !== indexPlus(context.nextIndex, -1),
    /** The next entry to look at is one that the log no longer holds (M46). */
    leadsBehindLog: ({ context, event }) =>
      event.type === "reply.rejected" &&
      stepBack(context, event).nextIndex <= context.log.baseIndex,
    /** What the peer lacks, the log still holds. */
    isWithinLog: ({ context, event }) =>
      event.type === "reply.accepted" && event.matchIndex >= context.log.baseIndex,
    /** It is in, and the log was compacted beyond it meanwhile. */
    holdsSnapshot: ({ context, event }) =>
      event.type === "reply.accepted" &&
      context.transfer !== null &&
      event.matchIndex >= context.transfer.snapshot.lastIndex,
    isOtherSnapshot: ({ context, event }) =>
      event.type === "chunk.acknowledged" &&
      !isSameSnapshot(event.snapshot, transferOf(context).snapshot),
    /** The peer has lost what it had: it was restarted, or could not use it. */
    isSetBack: ({ context, event }) =>
      event.type === "chunk.acknowledged" &&
      event.receivedBytes < transferOf(context).acknowledgedBytes,
    hasLostAll: ({ context }) => transferOf(context).acknowledgedBytes === 0,
    isQuiet: ({ context }) => transferOf(context).quietBeats >= QUIET_BEATS_MAX,
    isGone: ({ context }) => transferOf(context).quietBeats >= SILENT_BEATS_MAX,
  },
  actions: {
    noteLog: actionOn(["log.grew", "log.compacted"], rules.noteLog),
    skipCompacted: action(rules.skipCompacted),
    noteMatch: actionOn(["reply.accepted"], rules.noteMatch),
    restartBehindMatch: action(rules.restartBehindMatch),
    stepBack: actionOn(["reply.rejected"], rules.stepBack),
    sendHeartbeat: action(rules.sendHeartbeat),
    sendProbe: action(rules.sendProbe),
    fillWindow: action(rules.fillWindow),

    askForSnapshot: action(rules.askForSnapshot),
    beginTransfer: actionOn(["snapshot.offered"], rules.beginTransfer),
    resumeTransfer: actionOn(["chunk.acknowledged"], rules.resumeTransfer),
    noteReceived: actionOn(["chunk.acknowledged"], rules.noteReceived),
    countBeat: action(rules.countBeat),
    sendProbingChunk: action(rules.sendProbingChunk),
    sendChunks: action(rules.sendChunks),
    endTransfer: action(rules.endTransfer),
  },
});
