/** Every invariant, in the order in which they look. A new one is a file and a line here. */
import type { Invariant } from "../invariant";
import { acknowledgedIsDurable } from "./acknowledged-is-durable";
import { commitRule } from "./commit-rule";
import { configurations } from "./configurations";
import { configurationsOfLog } from "./configurations-of-log";
import { earlierLives } from "./earlier-lives";
import { electedByMajority } from "./elected-by-majority";
import { electionSafety } from "./election-safety";
import { followerCommit } from "./follower-commit";
import { indexOrder } from "./index-order";
import { leaderAppendOnly } from "./leader-append-only";
import { leaderCompleteness } from "./leader-completeness";
import { linksKeepWord } from "./links-keep-word";
import { linksTellTheirEnd } from "./links-tell-their-end";
import { logMatching } from "./log-matching";
import { matchIndexIsTrue } from "./match-index";
import { membersOnly } from "./members-only";
import { nothingRegresses } from "./nothing-regresses";
import { recoveryKeeps } from "./recovery-keeps";
import { stateMachineSafety } from "./state-machine-safety";
import { transferTarget } from "./transfer-target";
import { typedEnd } from "./typed-end";
import { voteOnce } from "./vote-once";

export const invariants: readonly Invariant[] = [
  electionSafety,
  electedByMajority,
  voteOnce,
  nothingRegresses,
  logMatching,
  leaderAppendOnly,
  commitRule,
  leaderCompleteness,
  stateMachineSafety,
  followerCommit,
  indexOrder,
  configurations,
  configurationsOfLog,
  acknowledgedIsDurable,
  matchIndexIsTrue,
  transferTarget,
  earlierLives,
  recoveryKeeps,
  typedEnd,
  membersOnly,
  linksKeepWord,
  linksTellTheirEnd,
];
