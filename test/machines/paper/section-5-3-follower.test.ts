/** Raft §5.3, "Log replication": what a follower makes of AppendEntries. */
import { describe, expect, test } from "bun:test";
import { shapeBehind } from "../../../src/machines/log-shape";
import { logIndex } from "../../../src/types";
import { MachineDriver, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  appends,
  applies,
  entriesFrom,
  hardState,
  logOf,
  rejected,
  sends,
  snapshotAt,
} from "../raft-words";

const inTerm3 = (...terms: readonly number[]) =>
  new MachineDriver({ hardState: hardState(3), log: logOf(...terms) });

describe('§5.3 "append any new entries not already in the log" (figure 2, step 4)', () => {
  test("§5.3 new entries go to the disk, and are acknowledged when it holds them", () => {
    const node = inTerm3(1, 2);
    const entries = entriesFrom(3, 3, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [2, 2], entries, round: 4 }))).toEqual({
      state: "follower.leased",
      effects: [appends(entries)],
    });
    expect(node.context).toMatchObject({ leaderId: 2, log: logOf(1, 2, 3, 3), durableIndex: 2 });
    expect(node.written(4)).toEqual({
      state: "follower.leased",
      effects: [sends(2, accepted({ term: 3, match: 4, round: 4 }))],
    });
  });

  test("§5.3 entries of several terms in one message", () => {
    const node = inTerm3();
    const entries = entriesFrom(1, 1, 1, 2, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [0, 0], entries })).effects).toEqual([
      appends(entries),
    ]);
    expect(node.context.log).toEqual(logOf(1, 1, 2, 3));
  });

  test("§5.3 only what is new goes to the disk", () => {
    const node = inTerm3(1, 2);
    const entries = entriesFrom(1, 1, 2, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [0, 0], entries })).effects).toEqual([
      appends(entries.slice(2)),
    ]);
  });

  test("§5.3 a heartbeat is answered at once: nothing of it waits for the disk", () => {
    const node = inTerm3(1, 2);
    expect(node.receive(2, appendEntries({ term: 3, prev: [2, 2], round: 7 }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, accepted({ term: 3, match: 2, round: 7 }))],
    });
  });

  test("§5.3 each message from the leader starts its lease anew", () => {
    const node = inTerm3(1, 2);
    for (let beat = 0; beat < 3; beat++) {
      node.receive(2, appendEntries({ term: 3, prev: [2, 2] }));
      expect(node.elapse(timing.electionTimeoutMs - 1).state).toBe("follower.leased");
    }
    expect(node.elapse(1).state).toBe("follower.awaiting");
  });
});

describe('§5.3 a follower "refuses the new entries" that do not fit behind its own', () => {
  test("§5.3 its log is too short: it names the index behind its last entry", () => {
    const node = inTerm3(1, 2);
    const entries = entriesFrom(5, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [4, 3], entries, round: 2 }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, rejected({ term: 3, prev: 4, conflict: [3, null], round: 2 }))],
    });
    expect(node.context.log).toEqual(logOf(1, 2));
  });

  test('§5.3 "the term of the conflicting entry and the first index it stores for" it', () => {
    const node = inTerm3(1, 1, 2, 2, 2);
    expect(node.receive(2, appendEntries({ term: 3, prev: [5, 3] }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, rejected({ term: 3, prev: 5, conflict: [3, 2] }))],
    });
    expect(node.context.leaderId).toEqual(hardState(0, 2).votedFor);
  });

  test("M19 what was compacted is committed, and so never in conflict", () => {
    const snapshot = snapshotAt([5, 2]);
    const log = shapeBehind(snapshot);
    const node = new MachineDriver({ hardState: hardState(3), log, snapshot, commitIndex: 5 });
    const entries = entriesFrom(4, 2, 2, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [3, 2], entries })).effects).toEqual([
      appends(entries.slice(2)),
    ]);
    expect(node.written(6).effects).toEqual([sends(2, accepted({ term: 3, match: 6 }))]);
  });
});

describe('§5.3 "delete the existing entry and all that follow it" (figure 2, step 3)', () => {
  test("M20 the tail is gone, also where the new entries are fewer", () => {
    const node = inTerm3(1, 1, 2, 2, 2, 2);
    const entries = entriesFrom(3, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [2, 1], entries })).effects).toEqual([
      appends(entries, 1),
    ]);
    const { termStarts, lastIndex } = logOf(1, 1, 3);
    expect(node.context).toMatchObject({ log: { termStarts, lastIndex }, durableIndex: 2 });
  });

  test("M18 entries that match stay, although the message ends before them", () => {
    const node = inTerm3(1, 1, 3, 3, 3);
    const entries = entriesFrom(3, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [2, 1], entries }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, accepted({ term: 3, match: 3 }))],
    });
    expect(node.context.log).toEqual(logOf(1, 1, 3, 3, 3));
  });

  test("M22 an older message from this leader takes nothing back that it has verified", () => {
    const node = inTerm3(1, 3, 3);
    node.receive(2, appendEntries({ term: 3, prev: [3, 3], round: 5 }));
    expect(
      node.receive(2, appendEntries({ term: 3, prev: [1, 1], round: 4, commit: 3 })).effects,
    ).toEqual([applies(3), sends(2, accepted({ term: 3, match: 3, round: 5 }))]);
  });

  test("M29 the disk's late word on entries since overwritten is not believed", () => {
    const node = inTerm3(1);
    node.receive(2, appendEntries({ term: 3, prev: [1, 1], entries: entriesFrom(2, 3, 3) }));
    node.receive(3, appendEntries({ term: 4, prev: [1, 1], entries: entriesFrom(2, 4, 4) }));
    expect(node.context.generation).toBe(1);
    expect(node.written(3, 0)).toEqual({ state: "follower.leased", effects: [] });
    expect(node.context.durableIndex).toEqual(logIndex(1));
    expect(node.written(3, 1).effects).toEqual([sends(3, accepted({ term: 4, match: 3 }))]);
  });

  test("M29 completions that come out of order take nothing back", () => {
    const node = inTerm3(1);
    node.receive(2, appendEntries({ term: 3, prev: [1, 1], entries: entriesFrom(2, 3) }));
    node.receive(2, appendEntries({ term: 3, prev: [2, 3], entries: entriesFrom(3, 3) }));
    expect(node.written(3).effects).toEqual([sends(2, accepted({ term: 3, match: 3 }))]);
    expect(node.written(2).effects).toEqual([sends(2, accepted({ term: 3, match: 3 }))]);
    expect(node.context.durableIndex).toEqual(logIndex(3));
  });

  test("a committed entry is never replaced: the node stops instead", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 2), commitIndex: 2 });
    const replacing = appendEntries({ term: 3, prev: [1, 1], entries: entriesFrom(2, 3) });
    expect(() => node.receive(2, replacing)).toThrow("a committed entry is never replaced");
  });
});

describe('§5.3 "a follower learns that an entry is committed" (figure 2, step 5)', () => {
  test("§5.3 it applies what the leader has committed", () => {
    const node = inTerm3(1, 2, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [3, 3], commit: 2 })).effects).toEqual([
      applies(2),
      sends(2, accepted({ term: 3, match: 3 })),
    ]);
  });

  test("§5.3 entries and their commit in one message: append first, then apply", () => {
    const node = inTerm3(1, 2);
    const entries = entriesFrom(3, 3);
    expect(
      node.receive(2, appendEntries({ term: 3, prev: [2, 2], entries, commit: 3 })).effects,
    ).toEqual([appends(entries), applies(3)]);
  });

  test("§5.3 never again, and never backwards", () => {
    const node = inTerm3(1, 2, 3);
    node.receive(2, appendEntries({ term: 3, prev: [3, 3], commit: 2 }));
    for (const commit of [2, 1]) {
      expect(node.receive(2, appendEntries({ term: 3, prev: [3, 3], commit })).effects).toEqual([
        sends(2, accepted({ term: 3, match: 3 })),
      ]);
    }
    expect(node.context.commitIndex).toEqual(logIndex(2));
  });

  test("M15 never beyond what this leader's messages have verified", () => {
    // Entries 2 and 3 are a deposed leader's; the new one has others there, and committed them.
    const node = inTerm3(1, 2, 2);
    expect(node.receive(2, appendEntries({ term: 3, prev: [1, 1], commit: 3 })).effects).toEqual([
      applies(1),
      sends(2, accepted({ term: 3, match: 1 })),
    ]);
    expect(node.context.commitIndex).toEqual(logIndex(1));
  });

  test("M15 what an earlier leader verified says nothing about this one's log", () => {
    const node = inTerm3(1, 2, 2);
    node.receive(2, appendEntries({ term: 3, prev: [3, 2] }));
    expect(
      node.receive(3, appendEntries({ term: 4, prev: [1, 1], commit: 3 })).effects,
    ).toContainEqual(applies(1));
  });

  test("M15 a refused message commits nothing", () => {
    const node = inTerm3(1, 2, 2);
    expect(node.receive(2, appendEntries({ term: 3, prev: [3, 3], commit: 3 })).effects).toEqual([
      sends(2, rejected({ term: 3, prev: 3, conflict: [2, 2] })),
    ]);
  });
});
