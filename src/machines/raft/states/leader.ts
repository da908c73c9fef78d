import { ignoring } from "../../ignoring";
import { raftSetup } from "../setup";

/**
 * "The leader handles all client requests" (Raft §5.1). Two metronomes beat for it: on `heartbeat`
 * it keeps its followers' leases, on `quorumCheck` it looks whether it still has any.
 */
export const leader = raftSetup.createStateConfig({
  entry: ["takeOffice", "startReplicators", "appendFirstEntry"],
  exit: ["passOn", "stopReplicators", "leaveOffice"],
  always: { guard: "hasLeft", target: "follower" },
  invoke: [
    {
      id: "heartbeat",
      src: "metronome",
      input: ({ context }) => ({
        intervalMs: context.timing.heartbeatIntervalMs,
        beat: { type: "heartbeat.due" },
      }),
    },
    {
      id: "quorumCheck",
      src: "metronome",
      input: ({ context }) => ({
        intervalMs: context.timing.electionTimeoutMs,
        beat: { type: "quorumCheck.due" },
      }),
    },
  ],
  initial: "serving",
  states: {
    serving: {
      always: { guard: "isLeaving", target: "leaving" },
      on: {
        "client.proposed": { actions: "appendProposals" },
        "member.changeRequested": { actions: "changeMembers" },
        "transfer.requested": {
          guard: "hasTransferTarget",
          target: "transferring",
          actions: ["beginTransfer", "handOver"],
        },
        // A leader without room "periodically check[s] to see whether one of its available
        // followers would be more suitable, and if so, transfer[s] its leadership" (Thesis §3.10).
        "disk.filled": {
          guard: "shouldMakeWay",
          target: "transferring",
          actions: ["noteFilled", "makeWay", "handOver"],
        },
        "quorumCheck.due": {
          guard: "shouldMakeWay",
          target: "transferring",
          actions: ["makeWay", "forgetHeard", "handOver"],
        },
      },
    },
    transferring: {
      exit: "endTransfer",
      after: { transferTimeout: "serving" },
      on: {
        "client.proposed": { actions: "declineProposals" },
        "member.changeRequested": { actions: "declineChange" },
        "transfer.requested": {},
      },
    },
    // Deviation: the thesis (§4.2.2) lets a leader that is being removed go on as before. What ours
    // appended behind its removal could not be committed before that, and would only keep the next
    // leader from holding the whole of its log: so it takes nothing more, for a round trip or two.
    leaving: {
      on: {
        "client.proposed": { actions: "declineProposals" },
        "member.changeRequested": { actions: "declineChange" },
        "transfer.requested": {},
      },
    },
  },
  on: {
    AppendEntriesReply: {
      actions: [
        "recordReply",
        "advanceCommitIndex",
        "startReads",
        "confirmReads",
        "bindNewcomers",
        "moveMembers",
        "informReplicator",
        "handOver",
      ],
    },
    InstallSnapshotReply: { actions: ["recordChunkReply", "confirmReads", "informOfChunk"] },
    "log.durable": [
      { guard: "isOverwritten" },
      {
        actions: [
          "noteDurable",
          "advanceCommitIndex",
          "startReads",
          "bindNewcomers",
          "moveMembers",
          "handOver",
        ],
      },
    ],
    "heartbeat.due": { actions: "beat" },
    "quorumCheck.due": [
      { guard: "hasHeardQuorum", actions: ["promoteLearners", "forgetHeard"] },
      { target: "follower" },
    ],
    "configuration.appended": { actions: "syncReplicators" },
    "replicator.ready": { actions: "sendAppendEntries" },
    "replicator.behind": { actions: "offerSnapshot" },
    "replicator.chunkReady": { actions: "sendChunk" },
    "replicator.snapshotDone": { actions: "endSending" },
    "client.readRequested": { actions: "requestRead" },
    "term.superseded": "follower",
    RequestVote: { actions: "denyVote" },
    AppendEntries: { actions: "assertSoleLeader" },
    InstallSnapshot: { actions: "assertSoleLeader" },

    // What only other roles act on; a PreVote never gets past a leader's own lease.
    PreVote: {},
    PreVoteReply: {},
    RequestVoteReply: {},
    TimeoutNow: {},
    "hardState.durable": {},
    ...ignoring("snapshot.loaded", "snapshot.failed"),
  },
});
