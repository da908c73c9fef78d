/**
 * A peer's replication progress: what to send it next (Raft §5.3). One per peer, a child of the
 * leader. It cares for liveness only: safety (`matchIndex`, commit) stays with the leader.
 *
 * - `probe`: where the logs agree is unknown. One message with entries at a time.
 * - `replicate`: they agree up to `nextIndex - 1`, optimistically. Messages are pipelined within a
 *   window counted in messages and bytes.
 */
import { type AnyActorRef, assign, enqueueActions, sendParent, setup } from "xstate";
import { indexPlus, type LogIndex, logIndex, type NodeId, type Term } from "../types";
import {
  bytesBetween,
  firstIndexOfTerm,
  type LogShape,
  lastIndexUpToTerm,
  lastIndexWithin,
} from "./log-shape";

/** How much may be on its way to one peer. */
export interface WindowLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Of entries in one AppendEntries; at least one entry is always sent. */
  readonly messageBytesMax: number;
}
export const defaultWindow: WindowLimits = {
  messagesMax: 64,
  bytesMax: 4 * 1024 * 1024,
  messageBytesMax: 256 * 1024,
};

interface InFlight {
  readonly lastIndex: LogIndex;
  readonly bytes: number;
}

interface ReplicatorContext {
  readonly peer: NodeId;
  readonly window: WindowLimits;
  /** The leader's log as it was last told of. */
  readonly log: LogShape;
  /** Invariant: `matchIndex < nextIndex <= log.lastIndex + 1`. */
  readonly nextIndex: LogIndex;
  readonly matchIndex: LogIndex;
  /**
   * The first entry that the last probe carried, or where it stood if it carried none: an answer
   * from there on ends probing. Not its last, for it is repeated with more before a slow answer.
   */
  readonly probedIndex: LogIndex;
  /** Ascending by index; empty in `probe`. */
  readonly inFlight: readonly InFlight[];
}

export interface ReplicatorInput {
  readonly peer: NodeId;
  readonly window: WindowLimits;
  readonly log: LogShape;
}

export type ReplicatorEvent =
  | { readonly type: "log.grew"; readonly log: LogShape }
  /** Every peer is to hear from us: now and then, in which lost probes are repeated. */
  | { readonly type: "heartbeat.due" }
  /** The same for a round of reads, which may come a thousand times a second. */
  | { readonly type: "round.opened" }
  | { readonly type: "reply.accepted"; readonly matchIndex: LogIndex }
  | {
      readonly type: "reply.rejected";
      readonly prevLogIndex: LogIndex;
      readonly conflictTerm: Term | null;
      readonly conflictIndex: LogIndex;
    }
  | { readonly type: "link.lost" };

type Rejection = Extract<ReplicatorEvent, { type: "reply.rejected" }>;

/**
 * Where to look next, in one round trip per conflicting term (§5.3): behind the leader's own
 * entries of the conflicting term where it has any, else at the follower's first of them.
 */
export function backtrack(log: LogShape, matchIndex: LogIndex, rejection: Rejection): LogIndex {
  const { conflictTerm, conflictIndex, prevLogIndex } = rejection;
  let next = conflictIndex;
  if (conflictTerm !== null && firstIndexOfTerm(log, conflictTerm) !== null) {
    const behindTerm = indexPlus(lastIndexUpToTerm(log, conflictTerm), 1);
    if (behindTerm <= prevLogIndex) next = behindTerm;
  }
  return logIndex(Math.max(indexPlus(matchIndex, 1), Math.min(next, prevLogIndex)));
}

/** What still fits into the window from `nextIndex` on, as ranges of one message each. */
function windowRanges(context: ReplicatorContext): readonly (InFlight & { first: LogIndex })[] {
  const { log, window } = context;
  const ranges: (InFlight & { first: LogIndex })[] = [];
  let first = context.nextIndex;
  let bytesInFlight = context.inFlight.reduce((sum, message) => sum + message.bytes, 0);
  while (
    first <= log.lastIndex &&
    context.inFlight.length + ranges.length < window.messagesMax &&
    bytesInFlight < window.bytesMax
  ) {
    const lastIndex = lastIndexWithin(log, first, window.messageBytesMax);
    const bytes = bytesBetween(log, first, lastIndex);
    ranges.push({ first, lastIndex, bytes });
    bytesInFlight += bytes;
    first = indexPlus(lastIndex, 1);
  }
  return ranges;
}

/** Sends of a replicator go to the leader whose child it is. */
const toLeader = ({ self }: { self: AnyActorRef }): AnyActorRef => self._parent ?? self;

const replicatorSetup = setup({
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
    isOtherProbe: ({ context, event }) =>
      event.type === "reply.rejected" && event.prevLogIndex !== indexPlus(context.nextIndex, -1),
  },
  actions: {
    noteLog: assign(({ event }) => (event.type === "log.grew" ? { log: event.log } : {})),
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
      nextIndex: indexPlus(context.matchIndex, 1),
      inFlight: [],
    })),
    /**
     * A peer that refuses the very index it acknowledged last has lost its tail (it came back on a
     * damaged disk): nothing is known of it any more. Probing at `matchIndex` would go on for ever.
     */
    stepBack: assign(({ context, event }) => {
      if (event.type !== "reply.rejected") return {};
      const hasForgotten = event.prevLogIndex === context.matchIndex;
      const matchIndex = hasForgotten ? logIndex(0) : context.matchIndex;
      return { matchIndex, nextIndex: backtrack(context.log, matchIndex, event), inFlight: [] };
    }),
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
  },
});

export const replicatorMachine = replicatorSetup.createMachine({
  id: "replicator",
  context: ({ input }) => ({
    ...input,
    nextIndex: indexPlus(input.log.lastIndex, 1),
    matchIndex: logIndex(0),
    probedIndex: logIndex(0),
    inFlight: [],
  }),
  initial: "probe",
  states: {
    probe: {
      initial: "idle",
      on: {
        "reply.accepted": [
          {
            guard: "answersProbe",
            target: "replicate",
            actions: ["noteMatch", "restartBehindMatch", "fillWindow"],
          },
          { actions: "noteMatch" },
        ],
        "reply.rejected": [
          { guard: "isOtherProbe" },
          { target: ".waiting", actions: ["stepBack", "sendProbe"] },
        ],
        "link.lost": ".idle",
      },
      states: {
        idle: {
          on: {
            "log.grew": { target: "waiting", actions: ["noteLog", "sendProbe"] },
            "heartbeat.due": { target: "waiting", actions: "sendProbe" },
            "round.opened": { target: "waiting", actions: "sendProbe" },
          },
        },
        waiting: {
          on: {
            "log.grew": { actions: "noteLog" },
            "heartbeat.due": { actions: "sendProbe" },
            "round.opened": { actions: "sendHeartbeat" },
          },
        },
      },
    },
    replicate: {
      on: {
        "log.grew": { actions: ["noteLog", "fillWindow"] },
        "heartbeat.due": { actions: "sendHeartbeat" },
        "round.opened": { actions: "sendHeartbeat" },
        "reply.accepted": { actions: ["noteMatch", "fillWindow"] },
        "reply.rejected": [
          { guard: "isStaleRejection" },
          { target: "probe.waiting", actions: ["stepBack", "sendProbe"] },
        ],
        "link.lost": { target: "probe", actions: "restartBehindMatch" },
      },
    },
  },
});
