/** Raft §5.2, "Leader election": the voter's side. */
import { describe, expect, test } from "bun:test";
import { campaign, elect, MachineDriver, preCampaign, timing } from "../machine-driver";
import { hardState, logOf, persists, requestVote, requestVoteReply, sends } from "../raft-words";

const grown = { hardState: hardState(3), log: logOf(1, 2, 3) };
const last = [3, 3] as const;

describe('§5.2 "each server will vote for at most one candidate in a given term"', () => {
  test("§5.2 a follower grants at most one vote per term, first come first served", () => {
    const node = new MachineDriver(grown);
    expect(node.receive(2, requestVote(4, last))).toEqual({
      state: "follower.awaiting",
      effects: [persists(4), persists(4, 2), sends(2, requestVoteReply(4, true))],
    });
    expect(node.receive(3, requestVote(4, last))).toEqual({
      state: "follower.awaiting",
      effects: [sends(3, requestVoteReply(4, false))],
    });
    expect(node.context.votedFor).toEqual(hardState(0, 2).votedFor);
  });

  test("§5.2 the same candidate gets the same answer again", () => {
    const node = new MachineDriver(grown);
    node.receive(2, requestVote(4, last));
    expect(node.receive(2, requestVote(4, last)).effects).toEqual([
      persists(4, 2),
      sends(2, requestVoteReply(4, true)),
    ]);
  });

  test("§5.2 a vote is remembered over a restart", () => {
    const node = new MachineDriver({ ...grown, hardState: hardState(4, 3) });
    expect(node.receive(2, requestVote(4, last)).effects).toEqual([
      sends(2, requestVoteReply(4, false)),
    ]);
    expect(node.receive(3, requestVote(4, last)).effects).toEqual([
      persists(4, 3),
      sends(3, requestVoteReply(4, true)),
    ]);
  });

  test("§5.2 a candidate has voted for itself, a leader too", () => {
    const candidate = new MachineDriver(grown);
    campaign(candidate);
    expect(candidate.receive(2, requestVote(4, last))).toEqual({
      state: "candidate",
      effects: [sends(2, requestVoteReply(4, false))],
    });
    const leader = new MachineDriver(grown);
    elect(leader);
    expect(leader.receive(2, requestVote(4, last, { transfer: true }))).toEqual({
      state: "leader.serving",
      effects: [sends(2, requestVoteReply(4, false))],
    });
  });

  test("§5.2 a pre-candidate has not voted yet, and may", () => {
    const node = new MachineDriver(grown);
    preCampaign(node);
    expect(node.receive(2, requestVote(3, last))).toEqual({
      state: "follower.awaiting",
      effects: [persists(3, 2), sends(2, requestVoteReply(3, true))],
    });
    const voted = new MachineDriver({ ...grown, hardState: hardState(3, 3) });
    preCampaign(voted);
    expect(voted.receive(2, requestVote(3, last))).toEqual({
      state: "preCandidate",
      effects: [sends(2, requestVoteReply(3, false))],
    });
  });

  test('figure 2 "granting vote to candidate" starts the election timeout anew', () => {
    const node = new MachineDriver(grown);
    node.elapse(900);
    node.receive(2, requestVote(4, last));
    expect(node.elapse(timing.electionTimeoutMs - 1).state).toBe("follower.awaiting");
    preCampaign(node);
    expect(node.nowMs).toBeGreaterThanOrEqual(900 + timing.electionTimeoutMs);
  });
});
