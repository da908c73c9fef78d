/**
 * "If the leader's term … is at least as large as the candidate's current term, then the candidate
 * recognizes the leader as legitimate and returns to follower state" (Raft §5.2), with the very
 * message that told it.
 */
export const joinLeader = [
  {
    guard: "isLogMatching",
    target: "#raft.follower.leased",
    actions: ["followLeader", "acceptEntries", "acknowledgeKnown"],
  },
  { target: "#raft.follower.leased", actions: ["followLeader", "rejectEntries"] },
] as const;

/** The same where it speaks by a snapshot's chunk. */
export const joinSender = [
  {
    guard: "isStale",
    target: "#raft.follower.leased",
    actions: ["followLeader", "refuseSnapshot", "acknowledge"],
  },
  { target: "#raft.follower.leased", actions: ["followLeader", "receiveChunk"] },
] as const;

/**
 * A snapshot that began to come in before the leader was lost: what is in it was committed, and a
 * campaign with the log that it replaces must not go on.
 */
export const installOutOfOffice = [
  { guard: "isAwaited", target: "#raft.follower", actions: "installSnapshot" },
  {},
] as const;
