import { raftSetup } from "../setup";

/**
 * "The leader handles all client requests" (Raft §5.1). Three things go on side by side:
 * `heartbeat` keeps the followers' leases, `quorum` watches its own, `office` serves or hands over.
 */
export const leader = raftSetup.createStateConfig({
  entry: ["takeOffice", "startReplicators", "appendFirstEntry"],
  exit: ["stopReplicators", "leaveOffice"],
  type: "parallel",
  states: {
    heartbeat: {
      initial: "beating",
      states: {
        beating: {
          after: { heartbeatInterval: { target: "beating", reenter: true, actions: "openRound" } },
        },
      },
    },
    quorum: {
      initial: "watched",
      states: {
        watched: {
          after: {
            quorumCheck: [
              { guard: "hasHeardQuorum", target: "watched", reenter: true, actions: "forgetHeard" },
              { target: "#raft.follower" },
            ],
          },
        },
      },
    },
    office: {
      initial: "serving",
      states: {
        serving: {
          on: {
            "client.proposed": { actions: "appendProposals" },
            "transfer.requested": {
              guard: "hasTransferTarget",
              target: "transferring",
              actions: ["beginTransfer", "handOver"],
            },
          },
        },
        transferring: {
          exit: "endTransfer",
          after: { transferTimeout: "serving" },
          on: {
            "client.proposed": { actions: "declineProposals" },
            "transfer.requested": {},
          },
        },
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
        "informReplicator",
        "handOver",
      ],
    },
    "log.durable": [
      { guard: "isOverwritten" },
      { actions: ["noteDurable", "advanceCommitIndex", "startReads", "bindNewcomers", "handOver"] },
    ],
    "replicator.ready": { actions: "sendAppendEntries" },
    "client.readRequested": { actions: "requestRead" },
    "term.superseded": "follower",
    RequestVote: { actions: "denyVote" },
    AppendEntries: { actions: "assertSoleLeader" },

    // What only other roles act on; a PreVote never gets past a leader's own lease.
    PreVote: {},
    PreVoteReply: {},
    RequestVoteReply: {},
    TimeoutNow: {},
    "hardState.durable": {},
  },
});
