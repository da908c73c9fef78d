/**
 * Raft, as a chart. The root is the protocol's one door: every message passes the rules of terms
 * here, in this order, and reaches the role in the same step.
 */
import { inPlace } from "../in-place";
import { initialContext } from "./context";
import { raftSetup } from "./setup";
import { candidate } from "./states/candidate";
import { follower } from "./states/follower";
import { leader } from "./states/leader";
import { preCandidate } from "./states/pre-candidate";

const chart = raftSetup.createMachine({
  id: "raft",
  context: initialContext,
  initial: "follower",
  states: { follower, preCandidate, candidate, leader },
  on: {
    received: [
      // A stranger changes nothing.
      { guard: "isStranger" },
      // Within a leader's lease no challenge is heard, and no term taken from it (Thesis §4.2.3).
      { guard: "isDisruptive" },
      // Asking about a term does not enter it (Thesis §9.6).
      { guard: "isAboutFutureTerm", actions: "deliver" },
      // "If a server receives a request with a stale term number, it rejects the request" (§5.1).
      { guard: "isFromLowerTerm", actions: "answerWithOurTerm" },
      // "If one server's current term is smaller than the other's, then it updates its current
      // term to the larger value" (§5.1); candidates and leaders become followers.
      { guard: "isFromHigherTerm", actions: ["adoptTerm", "supersedeTerm", "deliver"] },
      { actions: "deliver" },
    ],
    "peer.met": { actions: ["notePeerMet", "bindNewcomers", "moveMembers"] },
    "peer.lost": { actions: "notePeerLost" },
    "disk.filled": { actions: "noteFilled" },
    "disk.freed": { actions: "noteFreed" },
    // Each node takes its own, whatever its role: "consensus has already been reached when
    // snapshotting, so no decisions conflict" (§7).
    "snapshot.published": { actions: "notePublished" },
  },
});

export const raftMachine = inPlace(chart);
