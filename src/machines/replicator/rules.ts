/** What a replicator makes of what it hears: what it knows now, and what it asks of its leader. */
import type { AnyEventObject } from "xstate";
import { assert } from "../../assert";
import { indexPlus, logIndex } from "../../types";
import { lastIndexWithin } from "../log-shape";
import { type Notice, type Outcome, PARENT } from "../rule";
import { firstUnmatched, windowRanges, stepBack as withoutTail } from "./progress";
import {
  acknowledge,
  afterSending,
  beginTransfer as begin,
  type Chunk,
  nextChunks,
  probingChunk,
  resumeAt,
  type Transfer,
} from "./transfer";
import type { ReplicatorContext, ReplicatorEvent } from "./vocabulary";

type On<T extends ReplicatorEvent["type"]> = Extract<ReplicatorEvent, { type: T }>;
export type Reaction = Outcome<ReplicatorContext, never, never>;

const ask = (event: AnyEventObject): Notice => ({ to: PARENT, event });

export const noteLog = (
  _: ReplicatorContext,
  { log }: On<"log.grew" | "log.compacted">,
): Reaction => ({ context: { log } });

/**
 * What is compacted cannot be sent. Whether the peer has it is for the peer to say: it is asked at
 * the log's base, and a snapshot is sent only when it refuses even there.
 */
export const skipCompacted = ({ log, nextIndex }: ReplicatorContext): Reaction => ({
  context: { nextIndex: logIndex(Math.max(nextIndex, log.baseIndex + 1)) },
});

export function noteMatch(context: ReplicatorContext, event: On<"reply.accepted">): Reaction {
  const matchIndex = logIndex(Math.max(context.matchIndex, event.matchIndex));
  return {
    context: {
      matchIndex,
      nextIndex: logIndex(Math.max(context.nextIndex, indexPlus(matchIndex, 1))),
      inFlight: context.inFlight.filter((message) => message.lastIndex > matchIndex),
    },
  };
}

export const restartBehindMatch = ({ log, matchIndex }: ReplicatorContext): Reaction => ({
  context: { nextIndex: firstUnmatched(log, matchIndex), inFlight: [] },
});

export const stepBack = (context: ReplicatorContext, event: On<"reply.rejected">): Reaction => ({
  context: withoutTail(context, event),
});

/** Empty: keeps the peer's lease, carries the round, and uncovers a lost message. */
export const sendHeartbeat = ({ nextIndex, peer }: ReplicatorContext): Reaction => ({
  notices: [
    ask({ type: "replicator.ready", peer, prevLogIndex: indexPlus(nextIndex, -1), range: null }),
  ],
});

export function sendProbe({ log, nextIndex, peer, window }: ReplicatorContext): Reaction {
  const prevLogIndex = indexPlus(nextIndex, -1);
  const isAtEnd = nextIndex > log.lastIndex;
  const lastIndex = lastIndexWithin(log, nextIndex, window.messageBytesMax);
  const range = isAtEnd ? null : { firstIndex: nextIndex, lastIndex };
  return {
    context: { probedIndex: isAtEnd ? prevLogIndex : nextIndex },
    notices: [ask({ type: "replicator.ready", peer, prevLogIndex, range })],
  };
}

export function fillWindow(context: ReplicatorContext): Reaction {
  const { inFlight, peer } = context;
  const ranges = windowRanges(context);
  const last = ranges.at(-1);
  if (last === undefined) return {};
  return {
    context: { nextIndex: indexPlus(last.lastIndex, 1), inFlight: [...inFlight, ...ranges] },
    notices: ranges.map(({ first, lastIndex }) =>
      ask({
        type: "replicator.ready",
        peer,
        prevLogIndex: indexPlus(first, -1),
        range: { firstIndex: first, lastIndex },
      }),
    ),
  };
}

export const askForSnapshot = ({ peer }: ReplicatorContext): Reaction => ({
  notices: [ask({ type: "replicator.behind", peer })],
});

export const beginTransfer = (
  _: ReplicatorContext,
  { snapshot }: On<"snapshot.offered">,
): Reaction => ({ context: { transfer: begin(snapshot) } });

/** The answer to a chunk that was sent alone says where to go on. */
export const resumeTransfer = (
  context: ReplicatorContext,
  { receivedBytes }: On<"chunk.acknowledged">,
): Reaction => ({ context: { transfer: resumeAt(transferOf(context), receivedBytes) } });

export const noteReceived = (
  context: ReplicatorContext,
  { receivedBytes }: On<"chunk.acknowledged">,
): Reaction => ({ context: { transfer: acknowledge(transferOf(context), receivedBytes) } });

export function countBeat(context: ReplicatorContext): Reaction {
  const transfer = transferOf(context);
  return { context: { transfer: { ...transfer, quietBeats: transfer.quietBeats + 1 } } };
}

/** One chunk alone, behind all that is known to be there. */
export function sendProbingChunk(context: ReplicatorContext): Reaction {
  const transfer = transferOf(context);
  const resumed = resumeAt(transfer, transfer.acknowledgedBytes);
  const chunk = probingChunk(resumed, context.window);
  return {
    context: { transfer: afterSending(resumed, chunk) },
    notices: [askForChunk(context, chunk)],
  };
}

export function sendChunks(context: ReplicatorContext): Reaction {
  const transfer = transferOf(context);
  const chunks = nextChunks(transfer, context.window);
  return {
    context: { transfer: chunks.reduce(afterSending, transfer) },
    notices: chunks.map((chunk) => askForChunk(context, chunk)),
  };
}

export const endTransfer = ({ peer }: ReplicatorContext): Reaction => ({
  context: { transfer: null },
  notices: [ask({ type: "replicator.snapshotDone", peer })],
});

const askForChunk = (
  { peer, transfer }: ReplicatorContext,
  { offset, byteLength }: Chunk,
): Notice =>
  ask({ type: "replicator.chunkReady", peer, snapshot: transfer?.snapshot, offset, byteLength });

export function transferOf({ transfer }: ReplicatorContext): Transfer {
  assert(transfer !== null, "a snapshot is on its way");
  return transfer;
}
