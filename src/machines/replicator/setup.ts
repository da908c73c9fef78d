/** Gives a replicator's questions and deeds the names by which its chart speaks of them. */
import { type AnyActorRef, assign, enqueueActions, sendParent, setup } from "xstate";
import { assert } from "../../assert";
import { indexPlus, isSameSnapshot, logIndex } from "../../types";
import { lastIndexWithin } from "../log-shape";
import { firstUnmatched, stepBack, windowRanges } from "./progress";
import {
  acknowledge,
  afterSending,
  beginTransfer,
  type Chunk,
  nextChunks,
  probingChunk,
  QUIET_BEATS_MAX,
  resumeAt,
  SILENT_BEATS_MAX,
  type Transfer,
} from "./transfer";
import type { ReplicatorContext, ReplicatorEvent, ReplicatorInput } from "./vocabulary";

/** Sends of a replicator go to the leader whose child it is. */
const toLeader = ({ self }: { self: AnyActorRef }): AnyActorRef => self._parent ?? self;

function transferOf({ transfer }: ReplicatorContext): Transfer {
  assert(transfer !== null, "a snapshot is on its way");
  return transfer;
}

/** What the leader is told of a chunk to send. */
const ready = ({ peer, transfer }: ReplicatorContext, { offset, byteLength }: Chunk) => {
  const snapshot = transfer?.snapshot;
  return { type: "replicator.chunkReady", peer, snapshot, offset, byteLength } as const;
};

export const replicatorSetup = setup({
  types: {
    context: {} as ReplicatorContext,
    events: {} as ReplicatorEvent,
    input: {} as ReplicatorInput,
  },
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
    noteLog: assign(({ event }) =>
      event.type === "log.grew" || event.type === "log.compacted" ? { log: event.log } : {},
    ),
    /**
     * What is compacted cannot be sent. Whether the peer has it is for the peer to say: it is asked
     * at the log's base, and a snapshot is sent only when it refuses even there.
     */
    skipCompacted: assign(({ context }) => ({
      nextIndex: logIndex(Math.max(context.nextIndex, context.log.baseIndex + 1)),
    })),
    noteMatch: assign(({ context, event }) => {
      if (event.type !== "reply.accepted") return {};
      const matchIndex = logIndex(Math.max(context.matchIndex, event.matchIndex));
      return {
        matchIndex,
        nextIndex: logIndex(Math.max(context.nextIndex, indexPlus(matchIndex, 1))),
        inFlight: context.inFlight.filter((message) => message.lastIndex > matchIndex),
      };
    }),
    restartBehindMatch: assign(({ context }) => ({
      nextIndex: firstUnmatched(context.log, context.matchIndex),
      inFlight: [],
    })),
    stepBack: assign(({ context, event }) =>
      event.type === "reply.rejected" ? stepBack(context, event) : {},
    ),
    /** Empty: keeps the peer's lease, carries the round, and uncovers a lost message. */
    sendHeartbeat: sendParent(({ context }) => ({
      type: "replicator.ready",
      peer: context.peer,
      prevLogIndex: indexPlus(context.nextIndex, -1),
      range: null,
    })),
    sendProbe: enqueueActions(({ context, enqueue }) => {
      const { log, nextIndex, peer, window } = context;
      const prevLogIndex = indexPlus(nextIndex, -1);
      const isAtEnd = nextIndex > log.lastIndex;
      const lastIndex = lastIndexWithin(log, nextIndex, window.messageBytesMax);
      const range = isAtEnd ? null : { firstIndex: nextIndex, lastIndex };
      enqueue.assign({ probedIndex: isAtEnd ? prevLogIndex : nextIndex });
      enqueue.sendTo(toLeader, { type: "replicator.ready", peer, prevLogIndex, range });
    }),
    fillWindow: enqueueActions(({ context, enqueue }) => {
      const ranges = windowRanges(context);
      const last = ranges.at(-1);
      if (!last) return;
      for (const { first, lastIndex } of ranges) {
        enqueue.sendTo(toLeader, {
          type: "replicator.ready",
          peer: context.peer,
          prevLogIndex: indexPlus(first, -1),
          range: { firstIndex: first, lastIndex },
        });
      }
      enqueue.assign({
        nextIndex: indexPlus(last.lastIndex, 1),
        inFlight: [...context.inFlight, ...ranges],
      });
    }),

    askForSnapshot: sendParent(({ context }) => ({
      type: "replicator.behind",
      peer: context.peer,
    })),
    beginTransfer: assign(({ event }) =>
      event.type === "snapshot.offered" ? { transfer: beginTransfer(event.snapshot) } : {},
    ),
    /** The answer to a chunk that was sent alone says where to go on. */
    resumeTransfer: assign(({ context, event }) =>
      event.type === "chunk.acknowledged"
        ? { transfer: resumeAt(transferOf(context), event.receivedBytes) }
        : {},
    ),
    noteReceived: assign(({ context, event }) =>
      event.type === "chunk.acknowledged"
        ? { transfer: acknowledge(transferOf(context), event.receivedBytes) }
        : {},
    ),
    countBeat: assign(({ context }) => {
      const transfer = transferOf(context);
      return { transfer: { ...transfer, quietBeats: transfer.quietBeats + 1 } };
    }),
    /** One chunk alone, behind all that is known to be there. */
    sendProbingChunk: enqueueActions(({ context, enqueue }) => {
      const transfer = transferOf(context);
      const resumed = resumeAt(transfer, transfer.acknowledgedBytes);
      const chunk = probingChunk(resumed, context.window);
      enqueue.assign({ transfer: afterSending(resumed, chunk) });
      enqueue.sendTo(toLeader, ready(context, chunk));
    }),
    sendChunks: enqueueActions(({ context, enqueue }) => {
      const transfer = transferOf(context);
      const chunks = nextChunks(transfer, context.window);
      enqueue.assign({ transfer: chunks.reduce(afterSending, transfer) });
      for (const chunk of chunks) enqueue.sendTo(toLeader, ready(context, chunk));
    }),
    endTransfer: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ transfer: null });
      enqueue.sendTo(toLeader, { type: "replicator.snapshotDone", peer: context.peer });
    }),
  },
});
