/** Raft §8, "Client interaction", and Thesis §6.4: the first entry of a term, and reads. */
import { describe, expect, test } from "bun:test";
import { elect, MachineDriver, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  appendEntriesRange,
  appendsDrafts,
  applies,
  command,
  confirmsRead,
  confirmsRound,
  declinesRead,
  hardState,
  logOf,
  noop,
  opensRound,
  persists,
  rejected,
  requestVoteReply,
  sends,
  takesOffice,
  votersUpTo,
} from "../raft-words";

const readRequested = (read: number) => ({ type: "client.readRequested" as const, read });

/** Leads term 4; its first entry stands at 4 and is not committed yet. */
function newLeader(voters = 3): MachineDriver {
  const node = new MachineDriver({
    hardState: hardState(3),
    log: logOf(1, 2, 3),
    commitIndex: 2,
    voters: votersUpTo(voters),
  });
  elect(node);
  return node;
}

/** …and now it is. */
function leader(voters = 3): MachineDriver {
  const node = newLeader(voters);
  node.written(4);
  for (let peer = 2; peer <= voters; peer++) node.receive(peer, accepted({ term: 4, match: 4 }));
  return node;
}

const asks = (peer: number, round: number, commit = 4) =>
  sends(peer, appendEntriesRange({ term: 4, prev: [4, 4], commit, round }));

describe("§8 the first entry of a term", () => {
  test('§8 "each leader commits a blank no-op entry into the log at the start of its term"', () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 2, 3) });
    const { effects } = elect(node);
    expect(effects.slice(0, 2)).toEqual([takesOffice([4, 4]), appendsDrafts([4, 4], [noop])]);
  });
});

describe('Thesis §6.4 "the leader saves its commitIndex as readIndex"', () => {
  test('§6.4 "and issues a new round of heartbeats", whose majority confirms the read', () => {
    const node = leader();
    expect(node.hear(readRequested(7))).toEqual({
      state: "leader.serving",
      effects: [opensRound(1), asks(2, 1), asks(3, 1)],
    });
    expect(node.receive(3, accepted({ term: 4, match: 4, round: 1 }))).toEqual({
      state: "leader.serving",
      effects: [confirmsRound(1), confirmsRead(7, 4)],
    });
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 1 })).effects).toEqual([]);
  });

  test("§6.4 of five voters two others must answer", () => {
    const node = leader(5);
    node.hear(readRequested(7));
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 1 })).effects).toEqual([]);
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 1 })).effects).toEqual([]);
    expect(node.receive(5, accepted({ term: 4, match: 4, round: 1 })).effects).toEqual([
      confirmsRound(1),
      confirmsRead(7, 4),
    ]);
  });

  test("§6.4 the index is that of the request, not that of the answer", () => {
    const node = leader();
    node.hear(readRequested(7));
    node.hear({ type: "client.proposed", commands: [command("a")] });
    node.written(5);
    expect(node.receive(2, accepted({ term: 4, match: 5, round: 1 })).effects).toEqual([
      applies(5),
      confirmsRound(1),
      confirmsRead(7, 4),
    ]);
  });

  test("§6.4 a refusal confirms too: its sender still follows us", () => {
    const node = leader();
    node.hear(readRequested(7));
    const refusal = rejected({ term: 4, prev: 4, conflict: [4, null], round: 1 });
    expect(node.receive(2, refusal).effects).toEqual([
      confirmsRound(1),
      confirmsRead(7, 4),
      sends(2, appendEntriesRange({ term: 4, prev: [3, 3], range: [4, 4], commit: 4, round: 1 })),
    ]);
  });

  test("§6.4 a single voter confirms at once", () => {
    const node = new MachineDriver({ hardState: hardState(3), voters: votersUpTo(1) });
    node.persisted(4, 1);
    node.written(1);
    expect(node.hear(readRequested(7)).effects).toEqual([
      opensRound(1),
      confirmsRound(1),
      confirmsRead(7, 1),
    ]);
  });

  test("M48 an answer given before the request confirms nothing", () => {
    const node = leader();
    node.elapse(timing.heartbeatIntervalMs);
    node.hear(readRequested(7));
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 1 })).effects).toEqual([
      confirmsRound(1),
    ]);
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 2 })).effects).toEqual([
      confirmsRound(2),
      confirmsRead(7, 4),
    ]);
  });

  test("M49 each read has a round of its own; an earlier one's answers do not confirm it", () => {
    const node = leader();
    node.hear(readRequested(7));
    expect(node.hear(readRequested(8)).effects).toEqual([opensRound(2), asks(2, 2), asks(3, 2)]);
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 1 })).effects).toEqual([
      confirmsRound(1),
      confirmsRead(7, 4),
    ]);
    expect(node.receive(3, accepted({ term: 4, match: 4, round: 1 })).effects).toEqual([]);
    expect(node.receive(3, accepted({ term: 4, match: 4, round: 2 })).effects).toEqual([
      confirmsRound(2),
      confirmsRead(8, 4),
    ]);
  });

  test("§6.4 an answer to a later round confirms all before it", () => {
    const node = leader();
    node.hear(readRequested(7));
    node.hear(readRequested(8));
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 2 })).effects).toEqual([
      confirmsRound(2),
      confirmsRead(7, 4),
      confirmsRead(8, 4),
    ]);
  });
});

describe('Thesis §6.4 "it waits until it has" committed "an entry from its current term"', () => {
  test("M47 a read right after the election waits, and then opens its round", () => {
    const node = newLeader();
    expect(node.hear(readRequested(7))).toEqual({ state: "leader.serving", effects: [] });
    node.written(4);
    expect(node.receive(2, accepted({ term: 4, match: 4 }))).toEqual({
      state: "leader.serving",
      effects: [
        applies(4),
        opensRound(1),
        // The round is opened before the replicators hear of this answer.
        ...[2, 3].map((peer) =>
          sends(peer, appendEntriesRange({ term: 4, prev: [3, 3], commit: 4, round: 1 })),
        ),
      ],
    });
    expect(node.receive(3, accepted({ term: 4, match: 3, round: 1 })).effects).toContainEqual(
      confirmsRead(7, 4),
    );
  });

  test("M47 a heartbeat answered before that commit does not confirm it", () => {
    const node = newLeader();
    node.hear(readRequested(7));
    node.elapse(timing.heartbeatIntervalMs);
    expect(node.receive(2, accepted({ term: 4, match: 3, round: 1 })).effects).toEqual([]);
    node.receive(3, accepted({ term: 4, match: 4, round: 1 }));
    expect(node.written(4).effects.slice(0, 2)).toEqual([applies(4), opensRound(2)]);
  });

  test("M47 the leader's own disk may be what it waits for", () => {
    const node = newLeader();
    node.hear(readRequested(7));
    node.receive(2, accepted({ term: 4, match: 4 }));
    expect(node.written(4).effects.slice(0, 2)).toEqual([applies(4), opensRound(1)]);
  });
});

describe("ours: the leader's own copy is called fresh only once its term has a commit", () => {
  test("a round answered before says nothing of it, one answered with it does", () => {
    const node = newLeader();
    node.elapse(timing.heartbeatIntervalMs);
    expect(node.receive(2, accepted({ term: 4, match: 3, round: 1 })).effects).toEqual([]);
    node.written(4);
    node.elapse(timing.heartbeatIntervalMs);
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 2 })).effects).toEqual([
      applies(4),
      confirmsRound(2),
    ]);
  });

  test("nor does a single voter's, whose rounds answer themselves", () => {
    const node = new MachineDriver({ hardState: hardState(3), voters: votersUpTo(1) });
    node.persisted(4, 1);
    expect(node.elapse(timing.heartbeatIntervalMs).effects).toEqual([opensRound(1)]);
    node.written(1);
    expect(node.elapse(timing.heartbeatIntervalMs).effects).toEqual([
      opensRound(2),
      confirmsRound(2),
    ]);
  });
});

describe("§8 reads elsewhere", () => {
  test("§8 nobody but a leader answers: the others decline at once", () => {
    const follower = new MachineDriver({ log: logOf(1) });
    expect(follower.hear(readRequested(7))).toEqual({
      state: "follower.awaiting",
      effects: [declinesRead(7)],
    });
  });

  test("§8 a leader that loses its office declines what still waits", () => {
    const node = leader();
    node.hear(readRequested(7));
    node.hear(readRequested(8));
    expect(node.receive(2, requestVoteReply(9, false))).toEqual({
      state: "follower.awaiting",
      effects: [persists(9), declinesRead(7), declinesRead(8), { type: "leaveOffice" }],
    });
  });

  test("§8 a follower's answer names the latest round it was asked in", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(3) });
    expect(node.receive(2, appendEntries({ term: 3, prev: [1, 3], round: 41 })).effects).toEqual([
      sends(2, accepted({ term: 3, match: 1, round: 41 })),
    ]);
    // A message that comes late takes nothing back: it has heard the later round.
    expect(node.receive(2, appendEntries({ term: 3, prev: [1, 3], round: 40 })).effects).toEqual([
      sends(2, accepted({ term: 3, match: 1, round: 41 })),
    ]);
    // A new leader's rounds begin anew: the old one's number is not carried over.
    expect(node.receive(3, appendEntries({ term: 4, prev: [1, 3], round: 1 })).effects).toEqual([
      persists(4),
      sends(3, accepted({ term: 4, match: 1, round: 1 })),
    ]);
  });
});
