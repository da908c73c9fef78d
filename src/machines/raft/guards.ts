/** The questions the chart asks before it takes a branch. All bound by name in `setup.ts`. */
import { and, or, stateIn } from "xstate";
import { isMember, isRemoved, isStranger, mayVote } from "./context";
import { hasHeardQuorum } from "./rules/check-quorum";
import { hasVoteQuorum, isLoneVoter, grantsVote as wouldGrantVote } from "./rules/election";
import { isStaleSnapshot, isAwaited as wasAwaited } from "./rules/install-snapshot";
import { matchesPrevious } from "./rules/replication";
import { shouldMakeWay } from "./rules/room";
import { transferTarget } from "./rules/transfer";
import type { RaftContext, RaftEvent } from "./vocabulary";

interface Asked {
  readonly context: RaftContext;
  readonly event: RaftEvent;
}

/** Wants an election that no leader asked for. */
const asksForElection = ({ event }: Asked): boolean => {
  if (event.type !== "received") return false;
  const { message } = event;
  if (message.type === "PreVote") return true;
  return message.type === "RequestVote" && !message.transfer;
};

/** A PreVote or a granted PreVoteReply names a term nobody is in yet. */
const isAboutFutureTerm = ({ event }: Asked): boolean => {
  if (event.type !== "received") return false;
  const { message } = event;
  return message.type === "PreVote" || (message.type === "PreVoteReply" && message.granted);
};

const isFromLowerTerm = ({ context, event }: Asked): boolean =>
  event.type === "received" && event.message.term < context.currentTerm;

const isFromHigherTerm = ({ context, event }: Asked): boolean =>
  event.type === "received" && event.message.term > context.currentTerm;

const grantsVote = ({ context, event }: Asked): boolean =>
  event.type === "RequestVote" && wouldGrantVote(context, event.sender.from, event.message);

const isLogMatching = ({ context, event }: Asked): boolean =>
  event.type === "AppendEntries" && matchesPrevious(context, event.message);

/** All that the snapshot stands for is committed here already. */
const isStale = ({ context, event }: Asked): boolean =>
  event.type === "InstallSnapshot" && isStaleSnapshot(context, event.message);

const isAwaited = ({ context, event }: Asked): boolean =>
  event.type === "snapshot.loaded" && wasAwaited(context, event.snapshot);

/** Completes an append that was overwritten since (etcd's append ABA, M29). */
const isOverwritten = ({ context, event }: Asked): boolean =>
  event.type === "log.durable" && event.generation !== context.generation;

const hasTransferTarget = ({ context, event }: Asked): boolean =>
  event.type === "transfer.requested" && transferTarget(context, event.to) !== null;

export const guards = {
  isStranger: ({ context, event }: Asked) =>
    event.type === "received" && isStranger(context, event),
  asksForElection,
  /**
   * "If a server receives a RequestVote request within the minimum election timeout of hearing
   * from a current leader, it does not update its term or grant its vote" (Thesis §4.2.3).
   */
  isWithinLease: or([stateIn({ follower: "leased" }), stateIn("leader")]),
  isDisruptive: and(["asksForElection", "isWithinLease"]),
  isAboutFutureTerm,
  isFromLowerTerm,
  isFromHigherTerm,
  grantsVote,
  isLogMatching,
  isOverwritten,
  isStale,
  isAwaited,
  mayCampaign: ({ context }: Asked) => mayVote(context),
  /** "…steps down once the C_new entry is committed" that it is no part of (Thesis §4.2.2). */
  hasLeft: ({ context }: Asked) => isRemoved(context, context.id),
  /** Its removal is in its log, and waits to be committed. */
  isLeaving: ({ context }: Asked) => !isMember(context, context.id),
  isLoneVoter: ({ context }: Asked) => isLoneVoter(context),
  hasVoteQuorum: ({ context }: Asked) => hasVoteQuorum(context),
  hasHeardQuorum: ({ context }: Asked) => hasHeardQuorum(context),
  /** Its own disk is full, and others with room can do without it (Thesis §3.10). */
  shouldMakeWay: ({ context, event }: Asked) => shouldMakeWay(context, event),
  hasTransferTarget,
};
