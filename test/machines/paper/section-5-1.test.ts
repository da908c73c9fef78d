/** Raft §5.1, "Raft basics": terms as a logical clock, and who may speak at all. */
import { describe, expect, test } from "bun:test";
import type { RaftMessage } from "../../../src/messages";
import { nodeId } from "../../../src/types";
import { campaign, elect, MachineDriver, preCampaign, type Step } from "../machine-driver";
import {
  accepted,
  appendEntries,
  hardState,
  logOf,
  persists,
  preVote,
  preVoteReply,
  rejected,
  requestVote,
  requestVoteReply,
  sends,
  timeoutNow,
  votersUpTo,
} from "../raft-words";

const inTerm = (currentTerm: number) => ({
  hardState: hardState(currentTerm),
  log: logOf(1, 1),
});

/** One message of each kind, from `term`; none of them is granted or accepted by anyone. */
const everyMessage = (term: number): readonly RaftMessage[] => [
  preVoteReply(term, false),
  requestVote(term, [0, 0], { transfer: true }),
  requestVoteReply(term, false),
  appendEntries({ term, prev: [2, 1] }),
  rejected({ term, prev: 1, conflict: [1, null] }),
  accepted({ term, match: 1 }),
  timeoutNow(term),
];

describe('§5.1 "if a server receives a request with a stale term number, it rejects it"', () => {
  test("§5.1 a stale AppendEntries is answered with our term, and confirms nothing", () => {
    const node = new MachineDriver(inTerm(5));
    const before = node.context;
    expect(node.receive(2, appendEntries({ term: 4, prev: [2, 1], commit: 2, round: 9 }))).toEqual({
      state: "follower.awaiting",
      // Its round is of term 4: whoever sent it may lead term 5 by the time it is answered.
      effects: [sends(2, rejected({ term: 5, prev: 2, conflict: [2, null], round: 0 }))],
    });
    expect(node.context).toEqual(before);
  });

  test("§5.1 a stale RequestVote is denied with the current term", () => {
    const node = new MachineDriver(inTerm(5));
    expect(node.receive(2, requestVote(4, [9, 4]))).toEqual({
      state: "follower.awaiting",
      effects: [sends(2, requestVoteReply(5, false))],
    });
    expect(node.context.votedFor).toBeNull();
  });

  test("§5.1 a stale PreVote is denied with the current term (M06)", () => {
    const node = new MachineDriver(inTerm(5));
    expect(node.receive(2, preVote(4, [9, 4]))).toEqual({
      state: "follower.awaiting",
      effects: [sends(2, preVoteReply(5, false))],
    });
  });

  test("§5.1 stale replies and a stale TimeoutNow get no answer", () => {
    const node = new MachineDriver(inTerm(5));
    elect(node);
    const before = node.context;
    for (const message of [
      preVoteReply(4, false),
      requestVoteReply(4, true),
      accepted({ term: 4, match: 2 }),
      rejected({ term: 4, prev: 2, conflict: [1, 1] }),
      timeoutNow(4),
    ]) {
      expect(node.receive(2, message)).toEqual({ state: "leader.serving", effects: [] });
    }
    expect(node.context).toEqual(before);
  });
});

/** What a node in term 7 makes of the message once it is a follower. */
const answerAsFollower = (message: RaftMessage): Step => {
  switch (message.type) {
    case "RequestVote":
      return { state: "follower.awaiting", effects: [sends(2, requestVoteReply(7, false))] };
    case "AppendEntries":
      return { state: "follower.leased", effects: [sends(2, accepted({ term: 7, match: 2 }))] };
    case "TimeoutNow": {
      const ask = requestVote(8, [2, 1], { transfer: true });
      return { state: "candidate", effects: [persists(8, 1), sends(2, ask), sends(3, ask)] };
    }
    default:
      return { state: "follower.awaiting", effects: [] };
  }
};

describe("§5.1 \"if one server's current term is smaller than the other's, it updates it\"", () => {
  for (const message of everyMessage(7)) {
    const { state, effects } = answerAsFollower(message);

    test(`§5.1 a follower adopts the term of ${message.type}, without a vote`, () => {
      const node = new MachineDriver({ ...inTerm(5), hardState: hardState(5, 3) });
      expect(node.receive(2, message)).toEqual({ state, effects: [persists(7), ...effects] });
    });

    test(`§5.1 a pre-candidate becomes a follower when ${message.type} shows a higher term`, () => {
      const node = new MachineDriver(inTerm(5));
      preCampaign(node);
      expect(node.receive(2, message)).toEqual({ state, effects: [persists(7), ...effects] });
    });

    test(`§5.1 a candidate becomes a follower when ${message.type} shows a higher term`, () => {
      const node = new MachineDriver(inTerm(5));
      campaign(node);
      expect(node.receive(2, message)).toEqual({ state, effects: [persists(7), ...effects] });
    });
  }

  test("§5.1 a higher term does not re-arm the timer of a follower that denies the vote", () => {
    const denying = new MachineDriver(inTerm(5));
    const undisturbed = new MachineDriver(inTerm(5));
    denying.elapse(500);
    expect(denying.receive(2, requestVote(7, [0, 0]))).toEqual({
      state: "follower.awaiting",
      effects: [persists(7), sends(2, requestVoteReply(7, false))],
    });
    preCampaign(denying);
    preCampaign(undisturbed);
    expect(denying.nowMs).toBe(undisturbed.nowMs);
  });
});

describe("§5.1 an equal term is no news", () => {
  test("M02 an AppendEntries of the same term does not clear the candidate's vote", () => {
    const node = new MachineDriver(inTerm(5));
    campaign(node);
    expect(node.receive(2, appendEntries({ term: 6, prev: [2, 1] }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, accepted({ term: 6, match: 2 }))],
    });
    expect(node.context.votedFor).toEqual(node.context.id);
    // A rival of that term gets nothing from us, even when the leader's lease has run out.
    node.elapse(1_000);
    expect(node.receive(3, requestVote(6, [2, 1])).effects).toEqual([
      sends(3, requestVoteReply(6, false)),
    ]);
  });
});

describe("§5.1 strangers change nothing (ours; I18)", () => {
  test("a node that was removed is not heard", () => {
    const removed = [{ id: nodeId(9), diskId: null }];
    const node = new MachineDriver({ ...inTerm(5), voters: { ...votersUpTo(3), removed } });
    const before = node.context;
    for (const message of everyMessage(7)) {
      expect(node.receive(9, message)).toEqual({ state: "follower.awaiting", effects: [] });
    }
    expect(node.context).toEqual(before);
  });

  test("a message in our own name is not heard", () => {
    const node = new MachineDriver(inTerm(5));
    expect(node.receive(1, appendEntries({ term: 7, prev: [2, 1] })).effects).toEqual([]);
    expect(node.context.currentTerm).toEqual(hardState(5).term);
  });

  test("a message from a peer's earlier life is not heard, one from its present life is", () => {
    const node = new MachineDriver(inTerm(5));
    node.meet(2, { life: 3 });
    const message = appendEntries({ term: 7, prev: [2, 1] });
    expect(node.receive(2, message, { life: 2 }).effects).toEqual([]);
    expect(node.receive(2, message, { life: 3 }).effects).toEqual([
      persists(7),
      sends(2, accepted({ term: 7, match: 2 })),
    ]);
  });
});
