import { ignoring } from "../../ignoring";
import { raftSetup } from "../setup";
import { installOutOfOffice, joinLeader, joinSender } from "./joining";

/**
 * "A candidate continues in this state until one of three things happens: (a) it wins the
 * election, (b) another server establishes itself as leader, or (c) a period of time goes by with
 * no winner" (Raft §5.2); then it asks again before it disturbs another term.
 */
export const candidate = raftSetup.createStateConfig({
  entry: ["beginCampaign", "drawElectionTimeout"],
  always: { guard: "hasVoteQuorum", target: "leader" },
  after: {
    electionTimeout: "preCandidate",
  },
  on: {
    "hardState.durable": { actions: "recordOwnVote" },
    RequestVoteReply: { actions: "recordVote" },
    AppendEntries: joinLeader,
    InstallSnapshot: joinSender,
    "snapshot.loaded": installOutOfOffice,
    "snapshot.failed": { actions: "forgetReceiving" },
    RequestVote: { actions: "denyVote" },
    PreVote: { actions: "answerPreVote" },
    "term.superseded": "follower",
    "log.durable": [{ guard: "isOverwritten" }, { actions: "noteDurable" }],
    "client.proposed": { actions: "declineProposals" },
    "client.readRequested": { actions: "declineRead" },
    "member.changeRequested": { actions: "declineChange" },

    // What only other roles act on.
    PreVoteReply: {},
    AppendEntriesReply: {},
    InstallSnapshotReply: {},
    TimeoutNow: {},
    "heartbeat.due": {},
    "quorumCheck.due": {},
    "replicator.ready": {},
    ...ignoring("replicator.behind", "replicator.chunkReady", "replicator.snapshotDone"),
    "transfer.requested": {},
    "configuration.appended": {},
  },
});
