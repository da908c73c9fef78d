/** Raft §5.3, "Log replication": the leader's side. */
import { describe, expect, test } from "bun:test";
import { elect, MachineDriver, timing } from "../machine-driver";
import {
  accepted,
  appendEntriesRange,
  appendsDrafts,
  applies,
  command,
  commandDraft,
  declinesProposals,
  hardState,
  logOf,
  noop,
  opensRound,
  rejected,
  sends,
  takesOffice,
  votersUpTo,
} from "../raft-words";

const proposed = (...texts: readonly string[]) => ({
  type: "client.proposed" as const,
  commands: texts.map(command),
});

/** A leader of term 4 whose own first entry is at 4, behind three of earlier terms. */
function leaderOfTerm4(voters = 3): MachineDriver {
  const node = new MachineDriver({
    hardState: hardState(3),
    log: logOf(1, 2, 3),
    voters: votersUpTo(voters),
  });
  elect(node);
  return node;
}

/** …whose followers hold all of its log, and it knows. */
function settledLeader(voters = 3): MachineDriver {
  const node = leaderOfTerm4(voters);
  node.written(4);
  for (let peer = 2; peer <= voters; peer++) node.receive(peer, accepted({ term: 4, match: 4 }));
  return node;
}

describe("§5.3 a leader serves its clients", () => {
  test('§5.3 it "appends the command to its log", then sends it to all others', () => {
    const node = settledLeader();
    const send = { term: 4, prev: [4, 4] as const, range: [5, 6] as const, commit: 4 };
    expect(node.hear(proposed("a", "b"))).toEqual({
      state: "leader.serving",
      effects: [
        appendsDrafts([5, 4], [commandDraft("a"), commandDraft("b")]),
        sends(2, appendEntriesRange(send)),
        sends(3, appendEntriesRange(send)),
      ],
    });
    expect(node.context.log.lastIndex).toEqual(6 as typeof node.context.log.lastIndex);
  });

  test("§5.3 nobody but the leader appends: the others decline", () => {
    const declined = declinesProposals(proposed("a").commands);
    const node = new MachineDriver({ log: logOf(1) });
    expect(node.hear(proposed("a"))).toEqual({ state: "follower.awaiting", effects: [declined] });
  });

  test("§5.3 messages are pipelined: the next does not wait for an answer to the last", () => {
    const node = settledLeader(2);
    const sent = (index: number) =>
      sends(
        2,
        appendEntriesRange({ term: 4, prev: [index - 1, 4], range: [index, index], commit: 4 }),
      );
    expect(node.hear(proposed("a")).effects).toContainEqual(sent(5));
    expect(node.hear(proposed("b")).effects).toContainEqual(sent(6));
    expect(node.hear(proposed("c")).effects).toContainEqual(sent(7));
  });

  test("M28 a command that comes at once after the election stands behind the first entry", () => {
    const node = new MachineDriver({ voters: votersUpTo(1) });
    node.persisted(1, 1);
    expect(node.context.leadership?.firstIndex as number).toBe(1);
    expect(node.hear(proposed("a")).effects).toEqual([appendsDrafts([2, 1], [commandDraft("a")])]);
    expect(node.context.leadership?.firstIndex as number).toBe(1);
  });
});

describe('§5.3 "an entry is committed once the leader has replicated it on a majority"', () => {
  test("§5.3 one follower and the leader's own disk are a majority of three", () => {
    const node = leaderOfTerm4();
    expect(node.written(4)).toEqual({ state: "leader.serving", effects: [] });
    expect(node.receive(2, accepted({ term: 4, match: 4 })).effects).toEqual([applies(4)]);
    expect(node.receive(3, accepted({ term: 4, match: 4 })).effects).toEqual([]);
  });

  test("M25 the leader does not count itself before its own disk holds the entry", () => {
    const node = leaderOfTerm4();
    expect(node.receive(2, accepted({ term: 4, match: 4 })).effects).toEqual([]);
    expect(node.written(4)).toEqual({ state: "leader.serving", effects: [applies(4)] });
  });

  test("§5.3 two followers are a majority of three without the leader's disk", () => {
    const node = leaderOfTerm4();
    node.receive(2, accepted({ term: 4, match: 4 }));
    expect(node.receive(3, accepted({ term: 4, match: 4 })).effects).toEqual([applies(4)]);
  });

  test("M24 of four voters three must hold it", () => {
    const node = leaderOfTerm4(4);
    node.written(4);
    expect(node.receive(2, accepted({ term: 4, match: 4 })).effects).toEqual([]);
    expect(node.receive(3, accepted({ term: 4, match: 4 })).effects).toEqual([applies(4)]);
  });

  test("M24 it is the third highest of five that counts, in whatever order they answer", () => {
    const node = leaderOfTerm4(5);
    node.hear(proposed("a", "b", "c"));
    node.written(5);
    node.receive(5, accepted({ term: 4, match: 7 }));
    expect(node.context.commitIndex as number).toBe(0);
    expect(node.receive(3, accepted({ term: 4, match: 4 })).effects).toContainEqual(applies(4));
    expect(node.receive(2, accepted({ term: 4, match: 6 })).effects).toContainEqual(applies(5));
    expect(node.written(7).effects).toEqual([applies(6)]);
  });

  test("§5.3 the leader tells what is committed with its next message", () => {
    const node = settledLeader(2);
    expect(node.elapse(timing.heartbeatIntervalMs).effects).toEqual([
      opensRound(1),
      sends(2, appendEntriesRange({ term: 4, prev: [4, 4], commit: 4, round: 1 })),
    ]);
  });

  test("a single voter commits what its own disk holds", () => {
    const node = new MachineDriver({ voters: votersUpTo(1) });
    expect(node.persisted(1, 1).effects).toEqual([
      takesOffice([1, 1]),
      appendsDrafts([1, 1], [noop]),
    ]);
    expect(node.written(1).effects).toEqual([applies(1)]);
  });
});

describe('§5.3 a leader "retries AppendEntries RPCs indefinitely"', () => {
  const probe = (round: number, commit = 0) =>
    appendEntriesRange({ term: 4, prev: [3, 3], range: [4, 4], commit, round });

  test("§5.3 what is not acknowledged goes out again with every heartbeat", () => {
    const node = leaderOfTerm4();
    for (let beat = 1; beat <= 3; beat++) {
      expect(node.elapse(timing.heartbeatIntervalMs).effects).toEqual([
        opensRound(beat),
        sends(2, probe(beat)),
        sends(3, probe(beat)),
      ]);
    }
  });

  test("ours: but not with every read, to a peer that takes nothing (its disk is full)", () => {
    const node = leaderOfTerm4();
    node.written(4);
    node.receive(2, accepted({ term: 4, match: 4 }));
    for (let read = 1; read <= 50; read++) {
      expect(node.hear({ type: "client.readRequested", read }).effects).toEqual([
        opensRound(read),
        sends(2, appendEntriesRange({ term: 4, prev: [4, 4], commit: 4, round: read })),
        sends(3, appendEntriesRange({ term: 4, prev: [3, 3], commit: 4, round: read })),
      ]);
      const { effects } = node.receive(3, accepted({ term: 4, match: 3, round: read }));
      expect(effects.filter(({ type }) => type === "send")).toEqual([]);
    }
    expect(node.elapse(timing.heartbeatIntervalMs).effects).toContainEqual(sends(3, probe(51, 4)));
  });
});

describe('§5.3 "if AppendEntries fails because of log inconsistency: decrement and retry"', () => {
  test("§5.3 a refusal is answered at once, one conflicting term further back", () => {
    const node = leaderOfTerm4(2);
    expect(node.receive(2, rejected({ term: 4, prev: 3, conflict: [2, null] }))).toEqual({
      state: "leader.serving",
      effects: [sends(2, appendEntriesRange({ term: 4, prev: [1, 1], range: [2, 4] }))],
    });
    expect(node.receive(2, rejected({ term: 4, prev: 1, conflict: [1, null] })).effects).toEqual([
      sends(2, appendEntriesRange({ term: 4, prev: [0, 0], range: [1, 4] })),
    ]);
  });

  test("M22 a refusal says nothing about what its sender holds", () => {
    const node = settledLeader();
    node.hear(proposed("a"));
    node.receive(2, rejected({ term: 4, prev: 4, conflict: [1, null] }));
    expect(node.context.leadership?.matchIndex.get(node.context.id)).toBeUndefined();
    expect([...(node.context.leadership?.matchIndex.values() ?? [])].map(Number)).toEqual([4, 4]);
  });

  test("M22 a late acknowledgement takes nothing back", () => {
    const node = settledLeader();
    node.hear(proposed("a"));
    expect(node.receive(2, accepted({ term: 4, match: 2 }))).toEqual({
      state: "leader.serving",
      effects: [],
    });
    node.written(5);
    expect([...(node.context.leadership?.matchIndex.values() ?? [])].map(Number)).toEqual([4, 4]);
    expect(node.receive(3, accepted({ term: 4, match: 5 })).effects).toEqual([applies(5)]);
  });

  test("an answer that claims more than there is stops the node", () => {
    const node = leaderOfTerm4();
    expect(() => node.receive(2, accepted({ term: 4, match: 9 }))).toThrow(
      "nobody matches more than there is",
    );
  });
});
