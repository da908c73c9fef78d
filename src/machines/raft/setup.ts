/** Gives every rule, guard and delay the name by which the chart speaks of it. */
import { base, replicatorId } from "./base";
import { peersOf, votersOf } from "./context";
import { guards } from "./guards";
import { action, actionOn } from "./rule";
import * as append from "./rules/append";
import * as change from "./rules/change-members";
import { forgetHeard } from "./rules/check-quorum";
import { advanceCommitIndex } from "./rules/commit";
import * as election from "./rules/election";
import * as install from "./rules/install-snapshot";
import * as membership from "./rules/membership";
import * as office from "./rules/office";
import * as preVote from "./rules/pre-vote";
import * as readIndex from "./rules/read-index";
import * as replication from "./rules/replication";
import * as room from "./rules/room";
import * as snapshot from "./rules/snapshot";
import * as terms from "./rules/terms";
import * as transfer from "./rules/transfer";

/** Spawned with the log as it was before the term's first entry (Raft §5.3, `nextIndex`). */
const startReplicators = base.enqueueActions(({ context, enqueue }) => {
  for (const peer of context.leadership?.replicators ?? []) {
    const input = { peer, window: context.window, log: context.log };
    enqueue.spawnChild("replicator", { id: replicatorId(peer), input });
  }
});

const stopReplicators = base.enqueueActions(({ context, enqueue }) => {
  for (const peer of context.leadership?.replicators ?? []) enqueue.stopChild(replicatorId(peer));
});

/** One replicator for each peer of the configuration in force. */
const syncReplicators = base.enqueueActions(({ context, enqueue }) => {
  const { leadership, log, window } = context;
  if (leadership === null) return;
  const peers = peersOf(context);
  const gone = leadership.replicators.filter((peer) => !peers.includes(peer));
  const come = peers.filter((peer) => !leadership.replicators.includes(peer));
  if (gone.length + come.length === 0) return;
  enqueue.assign({ leadership: change.forgetGone(leadership, peers) });
  for (const peer of gone) enqueue.stopChild(replicatorId(peer));
  for (const peer of come) {
    enqueue.spawnChild("replicator", { id: replicatorId(peer), input: { peer, window, log } });
  }
});

export const raftSetup = base.extend({
  guards,
  actions: {
    startReplicators,
    stopReplicators,
    syncReplicators,

    deliver: actionOn(["received"], terms.deliver),
    supersedeTerm: action(terms.supersedeTerm),
    adoptTerm: actionOn(["received"], terms.adoptTerm),
    answerWithOurTerm: actionOn(["received"], terms.answerWithOurTerm),

    drawElectionTimeout: action(election.drawElectionTimeout),
    forgetLeader: action(election.forgetLeader),
    grantVote: actionOn(["RequestVote"], election.grantVote),
    denyVote: actionOn(["RequestVote"], election.denyVote),
    beginCampaign: action(election.beginCampaign),
    recordOwnVote: actionOn(["hardState.durable"], election.recordOwnVote),
    recordVote: actionOn(["RequestVoteReply"], election.recordVote),
    acceptTransfer: action(election.acceptTransfer),
    endCampaign: action(election.endCampaign),

    beginPreCampaign: action(preVote.beginPreCampaign),
    answerPreVote: actionOn(["PreVote"], preVote.answerPreVote),
    recordPreVote: actionOn(["PreVoteReply"], preVote.recordPreVote),

    takeOffice: action(office.takeOffice),
    leaveOffice: action(office.leaveOffice),
    appendFirstEntry: action(office.appendFirstEntry),
    appendProposals: actionOn(["client.proposed"], append.appendProposals),
    declineProposals: actionOn(["client.proposed"], append.declineProposals),

    notePeerMet: actionOn(["peer.met"], membership.notePeerMet),
    notePeerLost: actionOn(["peer.lost"], membership.notePeerLost),
    noteFilled: actionOn(["disk.filled"], room.noteFilled),
    noteFreed: actionOn(["disk.freed"], room.noteFreed),
    makeWay: actionOn(["disk.filled", "quorumCheck.due"], room.makeWay),
    bindNewcomers: action(membership.bindNewcomers),
    moveMembers: action(membership.moveMembers),
    promoteLearners: action(membership.promoteLearners),
    changeMembers: actionOn(["member.changeRequested"], change.changeMembers),
    declineChange: actionOn(["member.changeRequested"], change.declineChange),

    followLeader: actionOn(["AppendEntries", "InstallSnapshot"], replication.followLeader),
    acceptEntries: actionOn(["AppendEntries"], replication.acceptEntries),
    acknowledgeKnown: actionOn(["AppendEntries"], replication.acknowledgeKnown),
    rejectEntries: actionOn(["AppendEntries"], replication.rejectEntries),
    noteDurable: actionOn(["log.durable"], replication.noteDurable),
    acknowledge: action(replication.acknowledge),
    recordReply: actionOn(["AppendEntriesReply"], replication.recordReply),
    informReplicator: actionOn(["AppendEntriesReply"], replication.informReplicator),
    sendAppendEntries: actionOn(["replicator.ready"], replication.sendAppendEntries),

    advanceCommitIndex: action(advanceCommitIndex),

    notePublished: actionOn(["snapshot.published"], snapshot.notePublished),
    offerSnapshot: actionOn(["replicator.behind"], snapshot.offerSnapshot),
    sendChunk: actionOn(["replicator.chunkReady"], snapshot.sendChunk),
    endSending: actionOn(["replicator.snapshotDone"], snapshot.endSending),
    recordChunkReply: actionOn(["InstallSnapshotReply"], snapshot.recordChunkReply),
    informOfChunk: actionOn(["InstallSnapshotReply"], snapshot.informOfChunk),

    refuseSnapshot: actionOn(["InstallSnapshot"], install.refuseSnapshot),
    receiveChunk: actionOn(["InstallSnapshot"], install.receiveChunk),
    installSnapshot: actionOn(["snapshot.loaded"], install.installSnapshot),
    forgetReceiving: actionOn(["snapshot.failed"], install.forgetReceiving),

    requestRead: actionOn(["client.readRequested"], readIndex.requestRead),
    startReads: action(readIndex.startReads),
    beat: action(readIndex.beat),
    confirmReads: action(readIndex.confirmReads),
    declineRead: actionOn(["client.readRequested"], readIndex.declineRead),

    forgetHeard: action(forgetHeard),

    beginTransfer: actionOn(["transfer.requested"], transfer.beginTransfer),
    endTransfer: action(transfer.endTransfer),
    handOver: action(transfer.handOver),
    passOn: action(transfer.passOn),

    /** Raft's Election Safety (§5.2): one leader a term. Two would be a broken promise. */
    assertSoleLeader: ({ context, event }) => {
      if (event.type !== "AppendEntries" && event.type !== "InstallSnapshot") return;
      throw new Error(
        `two leaders in term ${context.currentTerm}: ${context.id} and ${event.sender.from}, ` +
          `of ${votersOf(context).length} voters`,
      );
    },
  },
  delays: {
    /** How long a leader just heard from binds us: the least election timeout. */
    leaderLease: ({ context }) => context.timing.electionTimeoutMs,
    electionTimeout: ({ context }) => context.electionDelayMs,
    transferTimeout: ({ context }) => context.timing.electionTimeoutMs,
  },
});
