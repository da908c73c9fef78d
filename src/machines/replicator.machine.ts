/**
 * A peer's replication progress: what to send it next (Raft §5.3, §7). One per peer, a child of the
 * leader. It cares for liveness only: safety (`matchIndex`, commit) stays with the leader.
 *
 * - `probe`: where the logs agree is unknown. One message with entries at a time.
 * - `replicate`: they agree up to `nextIndex - 1`, optimistically. Messages are pipelined within a
 *   window counted in messages and bytes.
 * - `snapshot`: the peer has said that it lacks entries which the log no longer holds. It gets a
 *   snapshot's file, chunk by chunk, and heartbeats beside it.
 */
import { indexPlus, logIndex } from "../types";
import { ignoring } from "./ignoring";
import { inPlace } from "./in-place";
import { replicatorSetup } from "./replicator/setup";

export { defaultWindow, type WindowLimits } from "./replicator/progress";
export type { ReplicatorEvent, ReplicatorInput } from "./replicator/vocabulary";

/** Where the logs agree is unknown: one message with entries at a time. */
const probe = replicatorSetup.createStateConfig({
  initial: "idle",
  on: {
    "log.compacted": { actions: ["noteLog", "skipCompacted"] },
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
      { guard: "leadsBehindLog", target: "snapshot", actions: ["stepBack", "skipCompacted"] },
      { target: ".waiting", actions: ["stepBack", "sendProbe"] },
    ],
    "link.lost": ".idle",
    ...ignoring("snapshot.offered", "chunk.acknowledged"),
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
});

/** They agree, optimistically, up to `nextIndex - 1`: messages are pipelined. */
const replicate = replicatorSetup.createStateConfig({
  on: {
    "log.grew": { actions: ["noteLog", "fillWindow"] },
    "log.compacted": { actions: ["noteLog", "skipCompacted"] },
    "heartbeat.due": { actions: "sendHeartbeat" },
    "round.opened": { actions: "sendHeartbeat" },
    // Most answers are to heartbeats.
    "reply.accepted": [{ guard: "isKnown" }, { actions: ["noteMatch", "fillWindow"] }],
    "reply.rejected": [
      { guard: "isStaleRejection" },
      { guard: "leadsBehindLog", target: "snapshot", actions: ["stepBack", "skipCompacted"] },
      { target: "probe.waiting", actions: ["stepBack", "sendProbe"] },
    ],
    "link.lost": { target: "probe", actions: "restartBehindMatch" },
    ...ignoring("snapshot.offered", "chunk.acknowledged"),
  },
});

/** Chunks are on their way: the peer is to speak of them every few heartbeats. */
const whileHeard = {
  "heartbeat.due": [
    { guard: "isQuiet", target: "silent", actions: ["countBeat", "sendHeartbeat"] },
    { actions: ["countBeat", "sendHeartbeat"] },
  ],
  "link.lost": "silent",
  ...ignoring("snapshot.offered"),
} as const;

/**
 * The peer lacks what the log no longer holds. Heartbeats stand at the log's base: they keep the
 * peer's lease, carry the rounds, and one of them is accepted once the peer has what it lacked.
 */
const snapshot = replicatorSetup.createStateConfig({
  entry: "askForSnapshot",
  exit: "endTransfer",
  initial: "asking",
  on: {
    "log.grew": { actions: "noteLog" },
    // The transfer under way goes on: the log behind the snapshot it began with may be needed anew.
    "log.compacted": { actions: ["noteLog", "skipCompacted"] },
    "round.opened": { actions: "sendHeartbeat" },
    "reply.accepted": [
      {
        guard: "isWithinLog",
        target: "replicate",
        actions: ["noteMatch", "restartBehindMatch", "fillWindow"],
      },
      { guard: "holdsSnapshot", target: "snapshot", reenter: true, actions: "noteMatch" },
      { actions: "noteMatch" },
    ],
    ...ignoring("reply.rejected"),
  },
  states: {
    /** The leader answers within the same step. */
    asking: {
      on: {
        "snapshot.offered": { target: "probing", actions: ["beginTransfer", "sendProbingChunk"] },
        "heartbeat.due": { actions: "sendHeartbeat" },
        ...ignoring("chunk.acknowledged", "link.lost"),
      },
    },
    /** One chunk alone asks how much the peer holds already. */
    probing: {
      on: {
        "chunk.acknowledged": [
          { guard: "isOtherSnapshot" },
          { guard: "isSetBack", target: "setBack", actions: "resumeTransfer" },
          { target: "streaming", actions: ["resumeTransfer", "sendChunks"] },
        ],
        ...whileHeard,
      },
    },
    /** Chunks are pipelined, in order. */
    streaming: {
      on: {
        "chunk.acknowledged": [
          { guard: "isOtherSnapshot" },
          { guard: "isSetBack", target: "setBack", actions: "resumeTransfer" },
          { actions: ["noteReceived", "sendChunks"] },
        ],
        ...whileHeard,
      },
    },
    /**
     * The peer has lost what it had, has no room for it, or could not use it: it is asked again
     * with a heartbeat, not at once, or the two would go round as fast as the link can. A peer that
     * has nothing of it gets the newest snapshot: the file of this one may be damaged.
     */
    setBack: {
      on: {
        "heartbeat.due": [
          {
            guard: "hasLostAll",
            target: "#replicator.snapshot",
            reenter: true,
            actions: "sendHeartbeat",
          },
          { target: "probing", actions: ["sendProbingChunk", "sendHeartbeat"] },
        ],
        "link.lost": "silent",
        ...ignoring("snapshot.offered", "chunk.acknowledged"),
      },
    },
    /** Chunks may be lost, or nobody is there: no more of them until the peer is heard again. */
    silent: {
      on: {
        "chunk.acknowledged": [
          { guard: "isOtherSnapshot" },
          { guard: "isSetBack", target: "setBack", actions: "resumeTransfer" },
          { target: "streaming", actions: ["resumeTransfer", "sendChunks"] },
        ],
        "reply.rejected": { target: "probing", actions: "sendProbingChunk" },
        "heartbeat.due": [
          { guard: "isGone", target: "#replicator.probe" },
          { actions: ["countBeat", "sendHeartbeat"] },
        ],
        ...ignoring("snapshot.offered", "link.lost"),
      },
    },
  },
});

const chart = replicatorSetup.createMachine({
  id: "replicator",
  context: ({ input }) => ({
    ...input,
    nextIndex: indexPlus(input.log.lastIndex, 1),
    matchIndex: logIndex(0),
    probedIndex: logIndex(0),
    inFlight: [],
    transfer: null,
  }),
  initial: "probe",
  states: { probe, replicate, snapshot },
});

export const replicatorMachine = inPlace(chart);
