import { ignoring } from "../../ignoring";
import { raftSetup } from "../setup";
import { installOutOfOffice, joinLeader, joinSender } from "./joining";

/** Asks whether an election could be won, before anyone's term is disturbed (Thesis §9.6). */
export const preCandidate = raftSetup.createStateConfig({
  entry: ["beginPreCampaign", "drawElectionTimeout"],
  always: { guard: "hasVoteQuorum", target: "candidate" },
  after: {
    electionTimeout: { target: "preCandidate", reenter: true },
  },
  on: {
    PreVoteReply: { actions: "recordPreVote" },
    AppendEntries: joinLeader,
    InstallSnapshot: joinSender,
    "snapshot.loaded": installOutOfOffice,
    "snapshot.failed": { actions: "forgetReceiving" },
    RequestVote: [
      { guard: "grantsVote", target: "follower", actions: "grantVote" },
      { actions: "denyVote" },
    ],
    PreVote: { actions: "answerPreVote" },
    "term.superseded": "follower",
    "log.durable": [{ guard: "isOverwritten" }, { actions: "noteDurable" }],
    "client.proposed": { actions: "declineProposals" },
    "client.readRequested": { actions: "declineRead" },
    "member.changeRequested": { actions: "declineChange" },

    // What only other roles act on.
    RequestVoteReply: {},
    AppendEntriesReply: {},
    InstallSnapshotReply: {},
    TimeoutNow: {},
    "hardState.durable": {},
    "heartbeat.due": {},
    "quorumCheck.due": {},
    "replicator.ready": {},
    ...ignoring("replicator.behind", "replicator.chunkReady", "replicator.snapshotDone"),
    "transfer.requested": {},
    "configuration.appended": {},
  },
});
