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
