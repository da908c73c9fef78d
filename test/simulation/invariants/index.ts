/** Every invariant, in the order in which they look. A new one is a file and a line here. */
import type { Invariant } from "../invariant";
import { acknowledgedIsDurable } from "./acknowledged-is-durable";
import { ageOfCopies } from "./age-of-copies";
import { campaignIsWanted } from "./campaign";
import { commitRule } from "./commit-rule";
import { configurations } from "./configurations";
import { configurationsOfLog } from "./configurations-of-log";
import { confirmedAge } from "./confirmed-age";
import { durableImage } from "./durable-image";
import { earlierLives } from "./earlier-lives";
import { electedByMajority } from "./elected-by-majority";
import { electionRestriction } from "./election-restriction";
import { electionSafety } from "./election-safety";
import { followerCommit } from "./follower-commit";
import { indexOrder } from "./index-order";
import { knownLeader } from "./known-leader";
import { leaderAppendOnly } from "./leader-append-only";
import { leaderCompleteness } from "./leader-completeness";
import { linksKeepWord } from "./links-keep-word";
import { linksTellTheirEnd } from "./links-tell-their-end";
import { logMatching } from "./log-matching";
import { matchIndexIsTrue } from "./match-index";
import { membersOnly } from "./members-only";
import { nothingRegresses } from "./nothing-regresses";
import { quarantine } from "./quarantine";
import { readIndexRule } from "./read-index";
import { readRounds } from "./read-rounds";
import { recoveryKeeps } from "./recovery-keeps";
import { removal } from "./removal";
import { snapshotIsFold } from "./snapshot-is-fold";
import { stateMachineSafety } from "./state-machine-safety";
import { timeGoesOn } from "./time-goes-on";
import { transferTarget } from "./transfer-target";
import { trustedDisks } from "./trusted-disks";
import { typedEnd } from "./typed-end";
import { verifiedIndexIsTrue } from "./verified-index";
import { voteOnce } from "./vote-once";

export const invariants: readonly Invariant[] = [
  electionSafety,
  electedByMajority,
  knownLeader,
  voteOnce,
  campaignIsWanted,
  nothingRegresses,
  logMatching,
  leaderAppendOnly,
  commitRule,
  leaderCompleteness,
  electionRestriction,
  stateMachineSafety,
  snapshotIsFold,
  followerCommit,
  verifiedIndexIsTrue,
  indexOrder,
  configurations,
  configurationsOfLog,
  acknowledgedIsDurable,
  readIndexRule,
  readRounds,
  confirmedAge,
  matchIndexIsTrue,
  trustedDisks,
  transferTarget,
  quarantine,
  earlierLives,
  recoveryKeeps,
  durableImage,
  typedEnd,
  membersOnly,
  removal,
  linksKeepWord,
  timeGoesOn,
  linksTellTheirEnd,
  ageOfCopies,
];
