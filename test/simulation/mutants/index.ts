/**
 * Every bug of the catalogue (reliability): as a mutant, or with the reason why there is none yet,
 * or why there cannot be one. A new mutant is a file and a line here.
 */
import { voteBeforeFsync } from "./m01-vote-before-fsync";
import { voteForgotten } from "./m02-vote-forgotten";
import { grantsByMessage } from "./m04-grants-by-message";
import { indexBeforeTerm } from "./m05-index-before-term";
import { stalePreVotesIgnored } from "./m06-stale-pre-votes-ignored";
import { termKeptToItself } from "./m07-term-kept-to-itself";
import { leaderNeverForgotten } from "./m08-leader-never-forgotten";
import { removedHeard } from "./m10-removed-heard";
import { noLease } from "./m11-no-lease";
import { noPreVote } from "./m12-no-pre-vote";
import { equalTimeouts } from "./m13-equal-timeouts";
import { oldTermCommitted } from "./m14-old-term-committed";
import { unverifiedCommit } from "./m15-unverified-commit";
import { matchingRewritten } from "./m18-matching-rewritten";
import { compactedInConflict } from "./m19-compacted-in-conflict";
import { tailKept } from "./m20-tail-kept";
import { staleReplies } from "./m22-stale-replies";
import { chunksCounted } from "./m22s-chunks-counted";
import { idUsedAgain } from "./m23-id-used-again";
import { quorumOfEvenSizes } from "./m24-quorum-of-even-sizes";
import { learnersCounted } from "./m24l-learners-counted";
import { ownEntriesBeforeFsync } from "./m25-own-entries-before-fsync";
import { indexReused } from "./m26-index-reused";
import { writtenInAnotherTerm } from "./m27-written-in-another-term";
import { lateCompletion } from "./m29-late-completion";
import { forgottenStillVotes } from "./m32-forgotten-still-votes";
import { changeBeforeCommit } from "./m33-change-before-commit";
import { changeInNewTerm } from "./m33m-change-in-new-term";
import { configurationLeftOut } from "./m35-configuration-left-out";
import { configurationKept } from "./m36-configuration-kept";
import { uncommittedSnapshotted } from "./m36s-uncommitted-snapshotted";
import { configurationCached } from "./m37-configuration-cached";
import { transferToLaggard } from "./m38-transfer-to-laggard";
import { transferToLearner } from "./m38l-transfer-to-learner";
import { wipedDisk } from "./m39-wiped-disk";
import { blankCandidate } from "./m39b-blank-candidate";
import { foreignCluster } from "./m40-foreign-cluster";
import { suffixKept } from "./m41-suffix-kept";
import { publishedUnsynced } from "./m43-published-unsynced";
import { appliedTwice } from "./m44-applied-twice";
import { installLostInCampaign } from "./m45-install-lost-in-campaign";
import { snapshotNeverSent } from "./m46-snapshot-never-sent";
import { readBeforeCommit } from "./m47-read-before-commit";
import { verifiedBeforeRead } from "./m48-verified-before-read";
import { oldRoundsConfirm } from "./m49-old-rounds-confirm";
import { declinedYetAppended } from "./m51-declined-yet-appended";
import { ackBeforeFsync } from "./m54-ack-before-fsync";
import { syncRetried } from "./m55-sync-retried";
import { damageTrimmed } from "./m56-damage-trimmed";
import { tailNotTrimmed } from "./m57-tail-not-trimmed";
import { partialAppendKept } from "./m58-partial-append-kept";
import { hungDiskLeads } from "./m59-hung-disk-leads";
import { fullDiskLeads } from "./m59f-full-disk-leads";
import { damagedLeads } from "./m60-damaged-leads";
import { learnerCampaigns } from "./m61-learner-campaigns";
import { unawareOfPromotion } from "./m61u-unaware-of-promotion";
import type { Mutant } from "./mutant";

export const mutants: readonly Mutant[] = [
  voteBeforeFsync,
  voteForgotten,
  grantsByMessage,
  indexBeforeTerm,
  stalePreVotesIgnored,
  termKeptToItself,
  leaderNeverForgotten,
  removedHeard,
  noLease,
  noPreVote,
  equalTimeouts,
  oldTermCommitted,
  unverifiedCommit,
  matchingRewritten,
  compactedInConflict,
  tailKept,
  staleReplies,
  chunksCounted,
  idUsedAgain,
  quorumOfEvenSizes,
  learnersCounted,
  ownEntriesBeforeFsync,
  indexReused,
  writtenInAnotherTerm,
  lateCompletion,
  forgottenStillVotes,
  changeBeforeCommit,
  changeInNewTerm,
  configurationLeftOut,
  configurationKept,
  uncommittedSnapshotted,
  configurationCached,
  transferToLaggard,
  transferToLearner,
  wipedDisk,
  blankCandidate,
  foreignCluster,
  suffixKept,
  publishedUnsynced,
  appliedTwice,
  installLostInCampaign,
  snapshotNeverSent,
  readBeforeCommit,
  verifiedBeforeRead,
  oldRoundsConfirm,
  declinedYetAppended,
  ackBeforeFsync,
  syncRetried,
  damageTrimmed,
  tailNotTrimmed,
  partialAppendKept,
  hungDiskLeads,
  fullDiskLeads,
  damagedLeads,
  learnerCampaigns,
  unawareOfPromotion,
];

/** Bugs of features that are not built yet. */
export const waiting: Readonly<Record<string, string>> = {
  M53: "expiry: nothing that `apply` decides hangs on a time yet that a run would live to see",
};

/** Bugs that have no place in this design. */
export const cannotApply: Readonly<Record<string, string>> = {
  M09: "candidate and leader ignore pre-votes in the chart itself: no name is there to override",
  M28: "a leader's entry actions are part of the step that elects it: no event comes between",
  M34: "joint consensus: configurations change by one server at a time",
  M50: "leases: no read is answered by one, every read waits for its own round",
};
