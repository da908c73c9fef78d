import { ignoring } from "../../ignoring";
import { raftSetup } from "../setup";
import { joinLeader, joinSender } from "./joining";

/**
 * "Followers are passive: they issue no requests on their own but simply respond to requests from
 * leaders and candidates" (Raft §5.1). `leased`: a leader was heard less than an election timeout
 * ago, so nobody's challenge is listened to. `awaiting`: one may come, and ours is drawing near; at
 * once where nobody else could lead.
 */
export const follower = raftSetup.createStateConfig({
  entry: "endCampaign",
  initial: "awaiting",
  states: {
    leased: {
      after: { leaderLease: "awaiting" },
      // The leader of an earlier term binds nobody any more.
      on: { "term.superseded": "awaiting" },
    },
    awaiting: {
      entry: "drawElectionTimeout",
      always: { guard: "isLoneVoter", target: "#raft.preCandidate" },
      after: {
        electionTimeout: [
          { guard: "mayCampaign", target: "#raft.preCandidate" },
          { target: "awaiting", reenter: true, actions: "forgetLeader" },
        ],
      },
    },
  },
  on: {
    AppendEntries: joinLeader,
    InstallSnapshot: joinSender,
    "snapshot.loaded": [
      { guard: "isAwaited", actions: ["installSnapshot", "acknowledge"] },
      // Something else has taken its place.
      {},
    ],
    "snapshot.failed": { actions: "forgetReceiving" },
    RequestVote: [
      { guard: "grantsVote", target: ".awaiting", actions: "grantVote" },
      { actions: "denyVote" },
    ],
    PreVote: { actions: "answerPreVote" },
    TimeoutNow: { guard: "mayCampaign", target: "#raft.candidate", actions: "acceptTransfer" },
    "log.durable": [{ guard: "isOverwritten" }, { actions: ["noteDurable", "acknowledge"] }],
    "client.proposed": { actions: "declineProposals" },
    "client.readRequested": { actions: "declineRead" },
    "member.changeRequested": { actions: "declineChange" },

    // What only other roles act on.
    PreVoteReply: {},
    RequestVoteReply: {},
    AppendEntriesReply: {},
    InstallSnapshotReply: {},
    "term.superseded": {},
    "hardState.durable": {},
    "heartbeat.due": {},
    "quorumCheck.due": {},
    "replicator.ready": {},
    ...ignoring("replicator.behind", "replicator.chunkReady", "replicator.snapshotDone"),
    "transfer.requested": {},
    "configuration.appended": {},
  },
});
