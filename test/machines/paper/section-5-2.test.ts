/** Raft §5.2, "Leader election". */
import { describe, expect, test } from "bun:test";
import { logIndex, term } from "../../../src/types";
import { campaign, elect, MachineDriver, preCampaign, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  appendEntriesRange,
  appendsDrafts,
  diskOf,
  hardState,
  logOf,
  noop,
  opensRound,
  persists,
  preVote,
  preVoteReply,
  rejected,
  requestVote,
  requestVoteReply,
  sends,
  takesOffice,
  votersUpTo,
} from "../raft-words";

const grown = { hardState: hardState(3), log: logOf(1, 2, 3) };
const last = [3, 3] as const;

describe("§5.2 elections begin", () => {
  test('§5.2 "when servers start up, they begin as followers"', () => {
    expect(new MachineDriver().state).toBe("follower.awaiting");
    expect(new MachineDriver({ hardState: hardState(3, 1), log: logOf(3) }).state).toBe(
      "follower.awaiting",
    );
  });

  test("§5.2 a follower remains one as long as it hears from a leader", () => {
    const node = new MachineDriver(grown);
    for (let beat = 0; beat < 50; beat++) {
      expect(node.elapse(timing.electionTimeoutMs - 1).state).not.toBe("preCandidate");
      expect(node.receive(2, appendEntries({ term: 3, prev: last })).state).toBe("follower.leased");
    }
  });

  test('§5.2 "if a follower receives no communication over a period of time", it campaigns', () => {
    const node = new MachineDriver(grown);
    expect(preCampaign(node)).toEqual({
      state: "preCandidate",
      effects: [sends(2, preVote(4, last)), sends(3, preVote(4, last))],
    });
  });

  test("§5.2 election timeouts are drawn from [t, 2t), with and without a lease before", () => {
    const waits = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const node = new MachineDriver({ ...grown, seed: `${seed}` });
      if (seed % 2 === 1) node.receive(2, appendEntries({ term: 3, prev: last }));
      preCampaign(node);
      waits.add(node.nowMs);
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(timing.electionTimeoutMs);
    expect(Math.min(...waits)).toBeLessThan(timing.electionTimeoutMs * 1.05);
    expect(Math.max(...waits)).toBeLessThan(2 * timing.electionTimeoutMs);
    expect(Math.max(...waits)).toBeGreaterThan(timing.electionTimeoutMs * 1.95);
    expect(waits.size).toBeGreaterThan(150);
  });

  test("M13 two nodes with different seeds wait differently, and each wait is drawn anew", () => {
    const waitsOf = (seed: string) => {
      const node = new MachineDriver({ seed });
      return [1, 2, 3, 4].map(() => {
        const from = node.nowMs;
        preCampaign(node);
        return node.nowMs - from;
      });
    };
    expect(waitsOf("a")).not.toEqual(waitsOf("b"));
    expect(waitsOf("a")).toEqual(waitsOf("a"));
    expect(new Set(waitsOf("a")).size).toBe(4);
  });
});

describe("§5.2 a candidate", () => {
  test('§5.2 "increments its current term", "votes for itself" and asks all others', () => {
    const node = new MachineDriver(grown);
    expect(campaign(node)).toEqual({
      state: "candidate",
      effects: [persists(4, 1), sends(2, requestVote(4, last)), sends(3, requestVote(4, last))],
    });
  });

  test('§5.2 (a) "wins an election if it receives votes from a majority"', () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(5) });
    campaign(node);
    expect(node.persisted(4, 1)).toEqual({ state: "candidate", effects: [] });
    expect(node.receive(2, requestVoteReply(4, true)).state).toBe("candidate");
    expect(node.receive(3, requestVoteReply(4, false)).state).toBe("candidate");
    expect(node.receive(4, requestVoteReply(4, true))).toEqual({
      state: "leader.serving",
      effects: [
        takesOffice([4, 4]),
        appendsDrafts([4, 4], [noop]),
        ...[2, 3, 4, 5].map((peer) =>
          sends(peer, appendEntriesRange({ term: 4, prev: last, range: [4, 4] })),
        ),
      ],
    });
  });

  test("§5.2 of four voters three are a majority (M24)", () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(4) });
    campaign(node);
    node.persisted(4, 1);
    expect(node.receive(2, requestVoteReply(4, true)).state).toBe("candidate");
    expect(node.receive(3, requestVoteReply(4, true)).state).toBe("leader.serving");
  });

  test("§5.2 a single voter elects itself at once, but not before its vote is durable", () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(1) });
    // There is no communication to wait for, and no peer that could refuse.
    expect(node.began).toEqual({ state: "candidate", effects: [persists(4, 1)] });
    expect(node.nowMs).toBe(0);
    expect(node.persisted(4, 1)).toEqual({
      state: "leader.serving",
      effects: [takesOffice([4, 4]), appendsDrafts([4, 4], [noop])],
    });
  });

  test("§5.2 a single voter that has forgotten what it acknowledged elects nobody", () => {
    const forgotten = { upTo: logIndex(5), inTerm: term(3) };
    const node = new MachineDriver({ ...grown, voters: votersUpTo(1), forgotten });
    expect(node.began).toEqual({ state: "follower.awaiting", effects: [] });
    expect(node.elapse(20 * timing.electionTimeoutMs).state).toBe("follower.awaiting");
  });

  test("§6 nor does one voter by itself that is not in the configuration", () => {
    const stranger = new MachineDriver({ ...grown, id: 2, voters: votersUpTo(1) });
    expect(stranger.began).toEqual({ state: "follower.awaiting", effects: [] });
    const replaced = new MachineDriver({ ...grown, diskId: diskOf(7), voters: votersUpTo(1) });
    expect(replaced.began).toEqual({ state: "follower.awaiting", effects: [] });
  });

  test("M04 one voter's grant, however often it comes, is one vote", () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(5) });
    campaign(node);
    node.persisted(4, 1);
    for (let again = 0; again < 5; again++) {
      expect(node.receive(2, requestVoteReply(4, true))).toEqual({
        state: "candidate",
        effects: [],
      });
    }
  });

  test("M04 grants of an earlier term are not counted", () => {
    const node = new MachineDriver({ ...grown, voters: votersUpTo(5) });
    campaign(node);
    node.persisted(4, 1);
    node.receive(2, requestVoteReply(4, true));
    expect(node.timeOut().state).toBe("preCandidate");
    node.receive(2, preVoteReply(5, true));
    expect(node.receive(3, preVoteReply(5, true)).state).toBe("candidate");
    node.persisted(5, 1);
    expect(node.receive(4, requestVoteReply(4, true)).state).toBe("candidate");
    expect(node.receive(5, requestVoteReply(4, true)).state).toBe("candidate");
    expect(node.receive(4, requestVoteReply(5, true)).state).toBe("candidate");
    expect(node.receive(5, requestVoteReply(5, true)).state).toBe("leader.serving");
  });

  test("§5.2 denials are no votes", () => {
    const node = new MachineDriver(grown);
    campaign(node);
    node.persisted(4, 1);
    expect(node.receive(2, requestVoteReply(4, false)).state).toBe("candidate");
    expect(node.receive(3, requestVoteReply(4, false)).state).toBe("candidate");
  });

  test("§5.2 its own vote counts when it is durable, and only that of this term", () => {
    const node = new MachineDriver(grown);
    campaign(node);
    expect(node.receive(2, requestVoteReply(4, true)).state).toBe("candidate");
    expect(node.receive(3, requestVoteReply(4, true)).state).toBe("candidate");
    expect(node.persisted(3, 1).state).toBe("candidate");
    expect(node.persisted(4, 2).state).toBe("candidate");
    expect(node.persisted(4, null).state).toBe("candidate");
    expect(node.persisted(4, 1).state).toBe("leader.serving");
  });

  test('§5.2 (b) "another server establishes itself as leader": it follows it', () => {
    const node = new MachineDriver(grown);
    campaign(node);
    expect(node.receive(2, appendEntries({ term: 4, prev: last, round: 2 }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, accepted({ term: 4, match: 3, round: 2 }))],
    });
    expect(node.context).toMatchObject({ leaderId: 2, election: null });
  });

  test("§5.2 (b) also where that leader's log does not match", () => {
    const node = new MachineDriver(grown);
    campaign(node);
    expect(node.receive(2, appendEntries({ term: 4, prev: [9, 4] }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, rejected({ term: 4, prev: 9, conflict: [4, null] }))],
    });
  });

  test("§5.2 (b) a claim of an older term is refused, and it remains a candidate", () => {
    const node = new MachineDriver(grown);
    campaign(node);
    expect(node.receive(2, appendEntries({ term: 3, prev: last }))).toEqual({
      state: "candidate",
      effects: [sends(2, rejected({ term: 4, prev: 3, conflict: [3, null] }))],
    });
  });

  test('§5.2 (c) "a period of time goes by with no winner": it asks again', () => {
    const node = new MachineDriver(grown);
    campaign(node);
    expect(node.timeOut()).toEqual({
      state: "preCandidate",
      effects: [sends(2, preVote(5, last)), sends(3, preVote(5, last))],
    });
    expect(node.timeOut()).toEqual({
      state: "preCandidate",
      effects: [sends(2, preVote(5, last)), sends(3, preVote(5, last))],
    });
  });
});

describe("§5.2 a leader", () => {
  test('§5.2 "sends periodic heartbeats to all followers"', () => {
    const node = new MachineDriver(grown);
    elect(node);
    for (const peer of [2, 3]) node.receive(peer, accepted({ term: 4, match: 4 }));
    for (let beat = 1; beat <= 3; beat++) {
      const heartbeat = appendEntriesRange({ term: 4, prev: [4, 4], commit: 4, round: beat });
      expect(node.elapse(timing.heartbeatIntervalMs)).toEqual({
        state: "leader.serving",
        effects: [opensRound(beat), sends(2, heartbeat), sends(3, heartbeat)],
      });
    }
  });

  test('figure 3 "at most one leader can be elected in a given term": a second is a fault', () => {
    const node = new MachineDriver(grown);
    elect(node);
    expect(() => node.receive(2, appendEntries({ term: 4, prev: last }))).toThrow(
      "two leaders in term 4: 1 and 2",
    );
  });
});
