/** Ongaro's thesis on elections: pre-vote (§9.6), leases (§4.2.3), check-quorum (§6.2). */
import { describe, expect, test } from "bun:test";
import { STUCK_CHECKS_MAX } from "../../../src/machines/raft/rules/check-quorum";
import { campaign, elect, MachineDriver, preCampaign, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  command,
  hardState,
  leavesOffice,
  logOf,
  persists,
  preVote,
  preVoteReply,
  rejected,
  requestVote,
  requestVoteReply,
  sends,
  votersUpTo,
} from "../raft-words";

const grown = { hardState: hardState(3), log: logOf(1, 2, 3) };
const last = [3, 3] as const;

describe('Thesis §9.6 a candidate "only increments its term" once it knows it can win', () => {
  test("§9.6 a majority of pre-votes leads on to the election", () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(5) });
    preCampaign(node);
    expect(node.receive(2, preVoteReply(4, true))).toEqual({ state: "preCandidate", effects: [] });
    expect(node.receive(2, preVoteReply(4, true)).state).toBe("preCandidate");
    expect(node.receive(3, preVoteReply(3, false)).state).toBe("preCandidate");
    expect(node.receive(4, preVoteReply(4, true)).state).toBe("candidate");
  });

  test("§9.6 without one no term is disturbed, however long it lasts", () => {
    const node = new MachineDriver(grown);
    for (let round = 0; round < 20; round++) {
      expect(preCampaign(node).effects).toEqual([
        sends(2, preVote(4, last)),
        sends(3, preVote(4, last)),
      ]);
    }
    expect(node.context).toMatchObject({ currentTerm: 3, votedFor: null });
  });

  test("§9.6 granting promises nothing: no term, no vote, no timer", () => {
    const granting = new MachineDriver(grown);
    const undisturbed = new MachineDriver(grown);
    granting.elapse(700);
    const before = granting.context;
    expect(granting.receive(2, preVote(9, last))).toEqual({
      state: "follower.awaiting",
      effects: [sends(2, preVoteReply(9, true))],
    });
    expect(granting.receive(3, preVote(9, last)).effects).toEqual([
      sends(3, preVoteReply(9, true)),
    ]);
    expect(granting.context).toEqual(before);
    preCampaign(granting);
    preCampaign(undisturbed);
    expect(granting.nowMs).toBe(undisturbed.nowMs);
  });

  test("§9.6 a pre-candidate and a candidate grant each other theirs", () => {
    const node = new MachineDriver(grown);
    preCampaign(node);
    expect(node.receive(2, preVote(4, last)).effects).toEqual([sends(2, preVoteReply(4, true))]);
    const candidate = new MachineDriver(grown);
    campaign(candidate);
    expect(candidate.receive(2, preVote(5, last))).toEqual({
      state: "candidate",
      effects: [sends(2, preVoteReply(5, true))],
    });
  });

  test("M06 a term that is not ahead is denied with our own, which the asker then adopts", () => {
    const voter = new MachineDriver({ ...grown, hardState: hardState(7) });
    expect(voter.receive(2, preVote(7, last)).effects).toEqual([sends(2, preVoteReply(7, false))]);
    const asker = new MachineDriver(grown);
    preCampaign(asker);
    expect(asker.receive(2, preVoteReply(7, false))).toEqual({
      state: "follower.awaiting",
      effects: [persists(7)],
    });
    expect(preCampaign(asker).effects).toEqual([
      sends(2, preVote(8, last)),
      sends(3, preVote(8, last)),
    ]);
  });

  test("M07 a long log in a low term meets a short one in a high term: the long one wins", () => {
    const long = new MachineDriver({ id: 1, hardState: hardState(3), log: logOf(1, 2, 3) });
    const short = new MachineDriver({ id: 2, hardState: hardState(8), log: logOf(1) });
    preCampaign(short);
    // The short one cannot win, and its attempt leaves the long one's term alone.
    expect(long.receive(2, preVote(9, [1, 1])).effects).toEqual([sends(2, preVoteReply(3, false))]);
    preCampaign(long);
    expect(short.receive(1, preVote(4, last)).effects).toEqual([sends(1, preVoteReply(8, false))]);
    long.receive(2, preVoteReply(8, false));
    preCampaign(long);
    expect(short.receive(1, preVote(9, last)).effects).toEqual([sends(1, preVoteReply(9, true))]);
    expect(long.receive(2, preVoteReply(9, true)).state).toBe("candidate");
  });

  test("M09 a pre-vote that comes late is no vote, nor does it count in a later round", () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(5) });
    campaign(node);
    expect(node.receive(4, preVoteReply(4, true))).toEqual({ state: "candidate", effects: [] });
    expect(node.context.election?.granted.size).toBe(0);
    preCampaign(node);
    expect(node.receive(4, preVoteReply(4, true))).toEqual({ state: "preCandidate", effects: [] });
    expect(node.receive(5, preVoteReply(4, true)).state).toBe("preCandidate");
    expect(node.context.election?.granted.size).toBe(1);
  });

  test("M09 a leader and a follower take no notice of one", () => {
    const leader = new MachineDriver(grown);
    elect(leader);
    expect(leader.receive(3, preVoteReply(5, true))).toEqual({
      state: "leader.serving",
      effects: [],
    });
    const follower = new MachineDriver(grown);
    expect(follower.receive(3, preVoteReply(4, true))).toEqual({
      state: "follower.awaiting",
      effects: [],
    });
  });

  test("§9.6 a leader that speaks up ends the attempt, its log matching or not", () => {
    const node = new MachineDriver(grown);
    preCampaign(node);
    expect(node.receive(2, appendEntries({ term: 3, prev: last, round: 5 }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, accepted({ term: 3, match: 3, round: 5 }))],
    });
    preCampaign(node);
    expect(node.receive(2, appendEntries({ term: 3, prev: [9, 3] }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, rejected({ term: 3, prev: 9, conflict: [4, null] }))],
    });
    expect(node.context.election).toBeNull();
  });
});

describe('Thesis §4.2.3 "within the minimum election timeout" of a leader no rival counts', () => {
  const challenges = [preVote(4, last), requestVote(4, last)];

  test("§4.2.3 a follower drops both challenges before any change of term", () => {
    const node = new MachineDriver(grown);
    node.receive(2, appendEntries({ term: 3, prev: last }));
    for (const challenge of challenges) {
      expect(node.receive(3, challenge)).toEqual({ state: "follower.leased", effects: [] });
    }
    expect(node.context.currentTerm as number).toBe(3);
  });

  test("§4.2.3 and hears them again when the timeout has gone by", () => {
    const node = new MachineDriver(grown);
    node.receive(2, appendEntries({ term: 3, prev: last }));
    expect(node.elapse(timing.electionTimeoutMs - 1).state).toBe("follower.leased");
    expect(node.elapse(1).state).toBe("follower.awaiting");
    expect(node.receive(3, preVote(4, last)).effects).toEqual([sends(3, preVoteReply(4, true))]);
    expect(node.receive(3, requestVote(4, last)).effects).toEqual([
      persists(4),
      persists(4, 3),
      sends(3, requestVoteReply(4, true)),
    ]);
  });

  test("§4.2.3 the lease of a leader ends with its term", () => {
    const node = new MachineDriver(grown);
    node.receive(2, appendEntries({ term: 3, prev: last }));
    expect(node.receive(3, requestVoteReply(4, false)).state).toBe("follower.awaiting");
    expect(node.receive(3, preVote(5, last)).effects).toEqual([sends(3, preVoteReply(5, true))]);
  });

  test("§4.2.3 a leader is within its own lease", () => {
    const node = new MachineDriver(grown);
    elect(node);
    for (const challenge of [preVote(9, last), requestVote(9, last)]) {
      expect(node.receive(3, challenge)).toEqual({ state: "leader.serving", effects: [] });
    }
  });

  test("§4.2.3 but not where the leader itself has asked for the election", () => {
    const node = new MachineDriver(grown);
    node.receive(2, appendEntries({ term: 3, prev: last }));
    expect(node.receive(3, requestVote(4, last, { transfer: true }))).toEqual({
      state: "follower.awaiting",
      effects: [persists(4), persists(4, 3), sends(3, requestVoteReply(4, true))],
    });
  });

  test("M08 a pre-candidate has forgotten its leader, and so hears its rivals", () => {
    const node = new MachineDriver(grown);
    node.receive(2, appendEntries({ term: 3, prev: last }));
    preCampaign(node);
    expect(node.context.leaderId).toBeNull();
    expect(node.receive(3, preVote(4, last)).effects).toEqual([sends(3, preVoteReply(4, true))]);
    expect(node.receive(3, requestVote(4, last)).state).toBe("follower.awaiting");
  });
});

describe('Thesis §6.2 a leader "steps down if an election timeout elapses" in silence', () => {
  test("§6.2 nobody answers: it becomes a follower of no one, in the same term", () => {
    const node = new MachineDriver(grown);
    elect(node);
    const { state, effects } = node.elapse(timing.electionTimeoutMs);
    expect(state).toBe("follower.awaiting");
    expect(effects.at(-1)).toEqual(leavesOffice);
    expect(node.context).toMatchObject({ currentTerm: 4, votedFor: 1, leaderId: null });
    expect(node.replicators).toEqual([]);
  });

  test("§6.2 one of two peers answers: it remains, as long as that goes on", () => {
    const node = new MachineDriver(grown);
    elect(node);
    for (let check = 0; check < 5; check++) {
      node.receive(3, rejected({ term: 4, prev: 9, conflict: [1, null] }));
      expect(node.elapse(timing.electionTimeoutMs).state).toBe("leader.serving");
    }
    expect(node.elapse(timing.electionTimeoutMs).state).toBe("follower.awaiting");
  });

  test("§6.2 of five voters two peers must answer, and not one of them twice", () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(5) });
    elect(node);
    node.receive(2, accepted({ term: 4, match: 3 }));
    node.receive(5, accepted({ term: 4, match: 3 }));
    expect(node.elapse(timing.electionTimeoutMs).state).toBe("leader.serving");
    node.receive(2, accepted({ term: 4, match: 3 }));
    node.receive(2, accepted({ term: 4, match: 4 }));
    expect(node.elapse(timing.electionTimeoutMs).state).toBe("follower.awaiting");
  });

  test("§6.2 a single voter is its own majority", () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(1) });
    node.persisted(4, 1);
    node.written(node.context.log.lastIndex);
    expect(node.elapse(10 * timing.electionTimeoutMs).state).toBe("leader.serving");
  });

  const answerAndWait = (node: MachineDriver) => {
    node.receive(3, rejected({ term: 4, prev: 9, conflict: [1, null] }));
    return node.elapse(timing.electionTimeoutMs).state;
  };

  test("M59 one whose own disk hangs is no part of its majority any more", () => {
    const node = new MachineDriver(grown);
    elect(node);
    for (let check = 0; check < STUCK_CHECKS_MAX; check++) {
      expect(answerAndWait(node)).toBe("leader.serving");
    }
    expect(answerAndWait(node)).toBe("follower.awaiting");
  });

  test("M59 a disk that gets anywhere at all is only slow", () => {
    const node = new MachineDriver(grown);
    elect(node);
    const commands = ["a", "b", "c"].map(command);
    node.hear({ type: "client.proposed", commands });
    for (let check = 0; check < 3 * STUCK_CHECKS_MAX; check++) {
      if (check % STUCK_CHECKS_MAX === 0) node.written(node.context.durableIndex + 1);
      expect(answerAndWait(node)).toBe("leader.serving");
    }
  });

  test("M59 with a majority besides itself it stays, whatever its disk does", () => {
    const node = new MachineDriver(grown);
    elect(node);
    for (let check = 0; check < 3 * STUCK_CHECKS_MAX; check++) {
      node.receive(2, rejected({ term: 4, prev: 9, conflict: [1, null] }));
      expect(answerAndWait(node)).toBe("leader.serving");
    }
  });
});
