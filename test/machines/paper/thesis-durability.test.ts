/** Thesis §10.2.1 on writing in parallel, and what a node may still say that has forgotten. */
import { describe, expect, test } from "bun:test";
import type { Forgotten } from "../../../src/machines/raft/vocabulary";
import { logIndex, term } from "../../../src/types";
import { elect, MachineDriver, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  appendEntriesRange,
  appends,
  appendsDrafts,
  applies,
  clearsForgotten,
  command,
  commandDraft,
  entriesFrom,
  hardState,
  logOf,
  persists,
  preVote,
  preVoteReply,
  requestVote,
  requestVoteReply,
  sends,
} from "../raft-words";

describe('Thesis §10.2.1 "the leader can write to its disk in parallel with replicating"', () => {
  test("§10.2.1 its sends go out in the same step as its own append", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(3) });
    elect(node);
    node.written(2);
    node.receive(2, accepted({ term: 4, match: 2 }));
    expect(node.hear({ type: "client.proposed", commands: [command("a")] }).effects).toEqual([
      appendsDrafts([3, 4], [commandDraft("a")]),
      sends(2, appendEntriesRange({ term: 4, prev: [2, 4], range: [3, 3], commit: 2 })),
    ]);
  });

  test("§10.2.1 “a follower must write to disk before acknowledging”", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(3) });
    const entries = entriesFrom(2, 3, 3, 3);
    const message = appendEntries({ term: 3, prev: [1, 3], entries, round: 1 });
    expect(node.receive(2, message).effects).toEqual([appends(entries)]);
    // The disk may take the batch in parts.
    expect(node.written(3).effects).toEqual([sends(2, accepted({ term: 3, match: 3, round: 1 }))]);
    expect(node.written(4).effects).toEqual([sends(2, accepted({ term: 3, match: 4, round: 1 }))]);
  });

  test("M54 the same entries again, while the disk is at work: not acknowledged", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(3) });
    const message = appendEntries({ term: 3, prev: [1, 3], entries: entriesFrom(2, 3, 3) });
    node.receive(2, message);
    expect(node.receive(2, message)).toEqual({ state: "follower.leased", effects: [] });
    expect(node.written(3).effects).toEqual([sends(2, accepted({ term: 3, match: 3 }))]);
    expect(node.receive(2, message).effects).toEqual([sends(2, accepted({ term: 3, match: 3 }))]);
  });

  test("M54 a heartbeat behind them, while the disk is at work: only what the disk holds", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(3) });
    node.receive(2, appendEntries({ term: 3, prev: [1, 3], entries: entriesFrom(2, 3, 3) }));
    expect(node.receive(2, appendEntries({ term: 3, prev: [3, 3], round: 2 })).effects).toEqual([
      sends(2, accepted({ term: 3, match: 1, round: 2 })),
    ]);
  });

  test("M54 what is durable but was never this leader's is not acknowledged to it", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(3, 3, 3) });
    expect(node.receive(2, appendEntries({ term: 4, prev: [1, 3] })).effects).toEqual([
      persists(4),
      sends(2, accepted({ term: 4, match: 1 })),
    ]);
  });

  test("the disk's word is acknowledged to the leader of this term, or to nobody", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(3) });
    node.receive(2, appendEntries({ term: 3, prev: [1, 3], entries: entriesFrom(2, 3) }));
    node.receive(3, requestVoteReply(4, false));
    expect(node.written(2)).toEqual({ state: "follower.awaiting", effects: [] });
    expect(node.context.durableIndex as number).toBe(2);
    expect(node.receive(3, appendEntries({ term: 4, prev: [2, 3] })).effects).toEqual([
      sends(3, accepted({ term: 4, match: 2 })),
    ]);
  });

  test("a node that campaigns remembers the disk's word without answering anyone", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(3) });
    node.receive(2, appendEntries({ term: 3, prev: [1, 3], entries: entriesFrom(2, 3) }));
    node.elapse(3 * timing.electionTimeoutMs);
    expect(node.state).toBe("preCandidate");
    expect(node.written(2)).toEqual({ state: "preCandidate", effects: [] });
    node.receive(2, preVoteReply(4, true));
    expect(node.written(2)).toEqual({ state: "candidate", effects: [] });
    expect(node.context.durableIndex as number).toBe(2);
  });
});

describe("M29 whoever campaigns or leads: late word on overwritten entries is not believed", () => {
  const overwritten = () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(1) });
    node.receive(2, appendEntries({ term: 3, prev: [1, 1], entries: entriesFrom(2, 3, 3) }));
    node.receive(3, appendEntries({ term: 4, prev: [1, 1], entries: entriesFrom(2, 4) }));
    return node;
  };
  for (const role of ["preCandidate", "candidate", "leader.serving"]) {
    test(`M29 ${role}`, () => {
      const node = overwritten();
      while (node.state !== "preCandidate") node.timeOut();
      if (role !== "preCandidate") node.receive(2, preVoteReply(5, true));
      if (role === "leader.serving") {
        node.persisted(5, 1);
        node.receive(2, requestVoteReply(5, true));
      }
      expect(node.written(3, 0)).toEqual({ state: role, effects: [] });
      expect(node.context.durableIndex as number).toBe(1);
      node.written(2, 1);
      expect(node.context.durableIndex as number).toBe(2);
    });
  }
});

describe("a node that has forgotten what it may have acknowledged (ours: M32, M39, I17)", () => {
  /** In term 3 it may have acknowledged up to 5; the log it finds ends at 2. */
  const forgotten: Forgotten = { upTo: logIndex(5), inTerm: term(3) };
  const amnesiac = () =>
    new MachineDriver({ hardState: hardState(3), log: logOf(1, 3), forgotten });

  test("it gives no vote and no pre-vote", () => {
    const node = amnesiac();
    expect(node.receive(2, preVote(4, [9, 3])).effects).toEqual([sends(2, preVoteReply(3, false))]);
    expect(node.receive(2, requestVote(4, [9, 3])).effects).toEqual([
      persists(4),
      sends(2, requestVoteReply(4, false)),
    ]);
  });

  test("it does not campaign", () => {
    const node = amnesiac();
    expect(node.elapse(20 * timing.electionTimeoutMs)).toEqual({
      state: "follower.awaiting",
      effects: [],
    });
  });

  test("it follows and says how far, but asks not to be counted", () => {
    const node = amnesiac();
    node.receive(2, appendEntries({ term: 3, prev: [2, 3], entries: entriesFrom(3, 3, 3) }));
    expect(node.written(4).effects).toEqual([
      sends(2, accepted({ term: 3, match: 4, counts: false })),
    ]);
    expect(node.receive(2, appendEntries({ term: 3, prev: [4, 3] })).effects).toEqual([
      sends(2, accepted({ term: 3, match: 4, counts: false })),
    ]);
  });

  test("it counts again when its disk holds as much as then", () => {
    const node = amnesiac();
    node.receive(2, appendEntries({ term: 3, prev: [2, 3], entries: entriesFrom(3, 3, 3, 3) }));
    expect(node.context.forgotten).toEqual(forgotten);
    expect(node.written(5).effects).toEqual([
      clearsForgotten,
      sends(2, accepted({ term: 3, match: 5 })),
    ]);
    expect(node.context.forgotten).toBeNull();
    expect(node.receive(3, requestVote(4, [5, 3], { transfer: true })).effects).toContainEqual(
      sends(3, requestVoteReply(4, true)),
    );
  });

  test("or an entry of a later leader, whose log had all that was committed (§5.4.3)", () => {
    const node = amnesiac();
    node.receive(2, appendEntries({ term: 4, prev: [2, 3], entries: entriesFrom(3, 4) }));
    expect(node.written(3).effects).toEqual([
      clearsForgotten,
      sends(2, accepted({ term: 4, match: 3 })),
    ]);
    expect(node.context.forgotten).toBeNull();
  });

  test("its disk is told once that nothing is forgotten any more, and a healthy one never", () => {
    const node = amnesiac();
    node.receive(2, appendEntries({ term: 4, prev: [2, 3], entries: entriesFrom(3, 4) }));
    node.written(3);
    const healthy = new MachineDriver({ hardState: hardState(4), log: logOf(1, 3, 4) });
    const heartbeat = appendEntries({ term: 4, prev: [3, 4], round: 1 });
    for (const one of [node, healthy]) {
      expect(one.receive(2, heartbeat).effects).toEqual([
        sends(2, accepted({ term: 4, match: 3, round: 1 })),
      ]);
    }
  });

  test("but not at a later leader's word alone, nor at older entries from it", () => {
    const node = amnesiac();
    expect(node.receive(2, appendEntries({ term: 4, prev: [2, 3] })).effects).toEqual([
      persists(4),
      sends(2, accepted({ term: 4, match: 2, counts: false })),
    ]);
    node.receive(2, appendEntries({ term: 4, prev: [2, 3], entries: entriesFrom(3, 3) }));
    expect(node.written(3).effects).toEqual([
      sends(2, accepted({ term: 4, match: 3, counts: false })),
    ]);
  });

  test("the leader does not count it, but goes on replicating to it", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 3) });
    elect(node);
    node.written(3);
    expect(node.receive(2, accepted({ term: 4, match: 3, counts: false })).effects).toEqual([]);
    expect(node.context.commitIndex as number).toBe(0);
    expect(node.hear({ type: "client.proposed", commands: [command("a")] }).effects).toContainEqual(
      sends(2, appendEntriesRange({ term: 4, prev: [3, 4], range: [4, 4] })),
    );
    expect(node.receive(2, accepted({ term: 4, match: 3 })).effects).toEqual([applies(3)]);
  });
});
