/** Raft §7, figure 13: what has come in whole is loaded and takes the place of the state. */
import { describe, expect, test } from "bun:test";
import { compact, shapeBehind } from "../../../src/machines/log-shape";
import { logIndex, term } from "../../../src/types";
import { campaign, elect, MachineDriver, preCampaign, timing } from "../machine-driver";
import {
  abandons,
  accepted,
  appendEntries,
  appends,
  clearsForgotten,
  entriesFrom,
  hardState,
  installs,
  logOf,
  preVote,
  preVoteReply,
  requestVote,
  sends,
  snapshotAt,
  votersUpTo,
} from "../raft-words";
import {
  chunk,
  configuration,
  failed,
  follower,
  loaded,
  receiveAll,
  snapshot,
} from "../receiving-words";

describe("§7 figure 13, steps 6 to 8: it is installed", () => {
  test('§7 "discard the entire log" that does not reach it; "reset state machine"', () => {
    const node = receiveAll(follower([1, 2]));
    expect(node.hear(loaded())).toEqual({
      state: "follower.leased",
      effects: [installs(snapshot, true), sends(2, accepted({ term: 3, match: 6 }))],
    });
    expect(node.context).toMatchObject({
      log: shapeBehind(snapshot),
      generation: 1,
      commitIndex: 6,
      durableIndex: 6,
      verifiedIndex: 6,
      snapshot,
      receiving: null,
      configurations: [configuration],
    });
  });

  test('§7 "if existing log entry has same index and term …, retain log entries"', () => {
    const log = [1, 2, 2, 2, 2, 2, 3];
    const node = receiveAll(follower(log, { commitIndex: 3 }));
    expect(node.hear(loaded()).effects).toEqual([
      installs(snapshot, false),
      sends(2, accepted({ term: 3, match: 6 })),
    ]);
    expect(node.context).toMatchObject({
      log: logOf(...log),
      generation: 0,
      commitIndex: 6,
      durableIndex: 7,
    });
  });

  test("M54 what follows it is acknowledged once it is verified and on disk", () => {
    const node = receiveAll(follower([1, 2, 2]));
    const entries = entriesFrom(4, 2, 2, 2, 3);
    node.receive(2, appendEntries({ term: 3, prev: [3, 2], entries }));
    // The snapshot is durable, and stands for entries that the log's disk does not hold yet.
    expect(node.hear(loaded()).effects).toEqual([
      installs(snapshot, false),
      sends(2, accepted({ term: 3, match: 6 })),
    ]);
    expect(node.context.durableIndex as number).toBe(6);
    expect(node.written(7).effects).toEqual([sends(2, accepted({ term: 3, match: 7 }))]);
  });

  test("M41 a conflicting suffix goes with the log", () => {
    const node = receiveAll(follower([1, 1, 1, 1, 1, 1, 1, 1]));
    expect(node.hear(loaded()).effects[0]).toEqual(installs(snapshot, true));
    expect(node.context.log).toEqual(shapeBehind(snapshot));
    const entries = entriesFrom(7, 3);
    expect(node.receive(2, appendEntries({ term: 3, prev: [6, 2], entries })).effects).toEqual([
      appends(entries, 1),
    ]);
  });

  test("M29 the disk's late word on the log it replaced is not believed", () => {
    const node = follower([1]);
    node.receive(2, appendEntries({ term: 3, prev: [1, 1], entries: entriesFrom(2, 1, 1) }));
    receiveAll(node);
    node.hear(loaded());
    node.receive(2, appendEntries({ term: 3, prev: [6, 2], entries: entriesFrom(7, 3, 3) }));
    expect(node.written(8, 0).effects).toEqual([]);
    expect(node.context.durableIndex as number).toBe(6);
    expect(node.written(8, 1).effects).toEqual([sends(2, accepted({ term: 3, match: 8 }))]);
  });

  test("M37 the configuration in force is the snapshot's, and what stands behind it", () => {
    const at = (index: number, count: number) => ({
      index: logIndex(index),
      configuration: votersUpTo(count),
    });
    const configurations = [at(0, 3), at(2, 4), at(7, 4)];
    const kept = follower([1, 2, 2, 2, 2, 2, 3], { configurations });
    receiveAll(kept).hear(loaded());
    expect(kept.context.configurations).toEqual([configuration, at(7, 4)]);
    const replaced = follower([1, 1, 1, 1, 1, 1, 1], { configurations });
    receiveAll(replaced).hear(loaded());
    expect(replaced.context.configurations).toEqual([configuration]);
  });

  test("M19 entries that it stands for are known, whatever their terms were", () => {
    const node = receiveAll(follower([1]));
    node.hear(loaded());
    const entries = entriesFrom(3, 2, 2, 2, 2, 3);
    expect(
      node.receive(2, appendEntries({ term: 3, prev: [2, 1], entries, commit: 6 })).effects,
    ).toEqual([appends(entries.slice(4), 1)]);
    expect(node.receive(2, appendEntries({ term: 3, prev: [4, 2], round: 1 })).effects).toEqual([
      sends(2, accepted({ term: 3, match: 6, round: 1 })),
    ]);
  });

  test("§5.4.1 it votes by the snapshot's end", () => {
    const node = receiveAll(follower([1]));
    node.hear(loaded());
    node.elapse(timing.electionTimeoutMs);
    const answer = (last: readonly [number, number]) => node.receive(3, preVote(4, last)).effects;
    expect(answer([5, 2])).toEqual([sends(3, preVoteReply(3, false))]);
    expect(answer([6, 2])).toEqual([sends(3, preVoteReply(4, true))]);
  });

  test("what was forgotten is back when it reaches as far, and only then", () => {
    const forgotten = (upTo: number) => ({ upTo: logIndex(upTo), inTerm: term(3) });
    const whole = receiveAll(follower([1], { forgotten: forgotten(6) }));
    expect(whole.hear(loaded()).effects).toEqual([
      installs(snapshot, true),
      clearsForgotten,
      sends(2, accepted({ term: 3, match: 6 })),
    ]);
    const partly = receiveAll(follower([1], { forgotten: forgotten(7) }));
    expect(partly.hear(loaded()).effects).toEqual([
      installs(snapshot, true),
      sends(2, accepted({ term: 3, match: 6, counts: false })),
    ]);
  });

  test("another one is loaded than what comes in by now: nothing", () => {
    const node = receiveAll(follower([1]));
    const newer = snapshotAt([8, 3], { byteLength: 30 });
    node.receive(2, chunk(0, { of: newer }));
    expect(node.hear(loaded()).effects).toEqual([]);
    // Nor one of which not all has come in.
    expect(node.hear(loaded(newer)).effects).toEqual([]);
    expect(node.context).toMatchObject({ commitIndex: 0, receiving: { snapshot: newer } });
  });
});

describe("its leader is lost before it is loaded", () => {
  test("it may be installed all the same: what is in it was committed", () => {
    const node = receiveAll(follower([1]));
    node.receive(3, requestVote(9, [9, 3], { transfer: true }));
    expect(node.context).toMatchObject({ currentTerm: 9, leaderId: null });
    expect(node.hear(loaded())).toEqual({
      state: "follower.awaiting",
      effects: [installs(snapshot, true)],
    });
    // The next leader has all of it too.
    expect(node.receive(3, appendEntries({ term: 9, prev: [6, 2], commit: 6 })).effects).toEqual([
      sends(3, accepted({ term: 9, match: 6 })),
    ]);
  });

  test("a campaign with the log that it replaces does not go on", () => {
    for (const begin of [preCampaign, campaign]) {
      const node = receiveAll(follower([1, 1, 1, 1, 1, 1, 2]));
      begin(node);
      expect(node.hear(loaded())).toEqual({
        state: "follower.awaiting",
        effects: [installs(snapshot, true)],
      });
      expect(node.context).toMatchObject({ election: null, commitIndex: 6 });
    }
  });

  test("a candidate hears nothing of another", () => {
    const node = receiveAll(follower([1]));
    preCampaign(node);
    const newer = snapshotAt([8, 3], { byteLength: 30 });
    expect(node.hear(loaded(newer))).toEqual({ state: "preCandidate", effects: [] });
    expect(node.hear(failed())).toEqual({ state: "preCandidate", effects: [] });
    expect(node.context.receiving).toBeNull();
  });

  test("elected, it needs nobody's snapshot", () => {
    const node = receiveAll(follower([1, 2, 2, 2, 2, 2, 3], { commitIndex: 1 }));
    expect(elect(node).effects[0]).toEqual(abandons(snapshot));
    expect(node.context.receiving).toBeNull();
    expect(node.hear(loaded())).toEqual({ state: "leader.serving", effects: [] });
    expect(node.hear(failed())).toEqual({ state: "leader.serving", effects: [] });
  });
});

describe("a restart with a snapshot", () => {
  test("what it stands for is committed, whatever the log was last told", () => {
    const log = compact(logOf(1, 2, 2, 2, 2, 2, 3), logIndex(4));
    const node = new MachineDriver({ hardState: hardState(3), log, snapshot, commitIndex: 2 });
    expect(node.context).toMatchObject({ commitIndex: 6, durableIndex: 7, snapshot, log });
  });

  test("a log that goes back less far than any snapshot is a broken promise", () => {
    const log = compact(logOf(1, 2, 2), logIndex(2));
    expect(() => new MachineDriver({ log }).elapse(0)).toThrow(
      "a snapshot stands for what the log lacks",
    );
    const beyond = { log: logOf(1, 2, 2), snapshot };
    expect(() => new MachineDriver(beyond).elapse(0)).toThrow("commitIndex <= lastIndex");
  });
});
