/** Raft §7, "Log compaction": at the node that takes a snapshot, and the leader that sends it. */
import { describe, expect, test } from "bun:test";
import { compact } from "../../../src/machines/log-shape";
import type { RaftEffect } from "../../../src/machines/raft/vocabulary";
import { defaultWindow } from "../../../src/machines/replicator.machine";
import { logIndex, nodeId, type SnapshotInfo } from "../../../src/types";
import { campaign, elect, MachineDriver, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  appendEntriesRange,
  applies,
  chunkReply,
  command,
  confirmsRead,
  confirmsRound,
  cuts,
  declinesRead,
  entriesFrom,
  hardState,
  installSnapshot,
  installSnapshotRange,
  leavesOffice,
  logOf,
  opensRound,
  persists,
  rejected,
  requestVote,
  requestVoteReply,
  sends,
  snapshotAt,
  votersUpTo,
} from "../raft-words";

const published = (snapshot: SnapshotInfo, baseIndex: number) => ({
  type: "snapshot.published" as const,
  snapshot,
  baseIndex: logIndex(baseIndex),
});

const snapshot = snapshotAt([4, 2], { byteLength: 25 });
const window = { ...defaultWindow, snapshotChunkBytes: 10 };
const chunk = (offset: number, size: number, round = 0) =>
  sends(2, installSnapshotRange({ term: 4, snapshot, offset, size, round }));
const received = (bytes: number, round = 0) =>
  chunkReply({ term: 4, snapshot, received: bytes, round });

/** Leads term 4 of three with 1 to 5 applied, the first three of them compacted. */
function leaderWithSnapshot(): MachineDriver {
  const node = new MachineDriver({
    hardState: hardState(3),
    log: logOf(1, 1, 2, 2, 3),
    commitIndex: 5,
    window,
  });
  node.meet(2);
  node.meet(3);
  node.hear(published(snapshot, 3));
  elect(node);
  node.written(6);
  node.receive(3, accepted({ term: 4, match: 6 }));
  return node;
}

/** …and sends it to 2, whose log is empty. */
function sendingLeader(): MachineDriver {
  const node = leaderWithSnapshot();
  const refusal = rejected({ term: 4, prev: 5, conflict: [1, null] });
  expect(node.receive(2, refusal)).toEqual({ state: "leader.serving", effects: [chunk(0, 10)] });
  return node;
}

const sendingTo = (node: MachineDriver): readonly (readonly [number, SnapshotInfo])[] => [
  ...(node.context.leadership?.sending ?? []),
];

describe('§7 "each server takes snapshots independently"', () => {
  const node = () =>
    new MachineDriver({ hardState: hardState(3), log: logOf(1, 1, 2, 2, 3), commitIndex: 4 });

  test('§7 then "it may delete all log entries up through the last included index"', () => {
    const follower = node();
    expect(follower.hear(published(snapshot, 4))).toEqual({
      state: "follower.awaiting",
      effects: [cuts(4)],
    });
    const log = compact(logOf(1, 1, 2, 2, 3), logIndex(4));
    expect(follower.context).toMatchObject({ snapshot, log, generation: 0, durableIndex: 5 });
  });

  test("never more than the snapshot stands for", () => {
    const follower = node();
    expect(follower.hear(published(snapshotAt([3, 2]), 4)).effects).toEqual([cuts(3)]);
    expect(follower.context.log.baseIndex as number).toBe(3);
  });

  test("a first one may leave the log whole", () => {
    const follower = node();
    expect(follower.hear(published(snapshot, 0)).effects).toEqual([cuts(0)]);
    expect(follower.context.log).toEqual(logOf(1, 1, 2, 2, 3));
  });

  test("in every role: a candidate", () => {
    const candidate = node();
    campaign(candidate);
    expect(candidate.hear(published(snapshot, 3))).toEqual({
      state: "candidate",
      effects: [cuts(3)],
    });
  });

  test("one that a newer has overtaken changes nothing", () => {
    const follower = node();
    follower.hear(published(snapshot, 3));
    expect(follower.hear(published(snapshotAt([3, 2]), 3)).effects).toEqual([]);
    expect(follower.context.snapshot).toEqual(snapshot);
  });

  test("M36 never of what is not committed: the node stops instead", () => {
    expect(() => node().hear(published(snapshotAt([5, 3]), 3))).toThrow("committed entries only");
  });

  test('§7 "the latest configuration in the log as of last included index" is kept', () => {
    const voters = (count: number) => votersUpTo(count);
    const at = (index: number, count: number) => ({
      index: logIndex(index),
      configuration: voters(count),
    });
    const follower = new MachineDriver({
      hardState: hardState(3),
      log: logOf(1, 1, 2, 2, 3),
      commitIndex: 4,
      configurations: [at(0, 3), at(2, 4), at(3, 3), at(5, 4)],
    });
    follower.hear(published(snapshot, 2));
    expect(follower.context.configurations).toEqual([at(2, 4), at(3, 3), at(5, 4)]);
    follower.hear(published(snapshot, 4));
    expect(follower.context.configurations).toEqual([at(3, 3), at(5, 4)]);
    // What is behind the base still goes with its entry (M36).
    follower.receive(2, appendEntries({ term: 4, prev: [4, 2], entries: entriesFrom(5, 4) }));
    expect(follower.context.configurations).toEqual([at(3, 3)]);
  });

  test("§5.4.1 it votes and campaigns by the log's end, compacted or not", () => {
    const follower = node();
    follower.hear(published(snapshot, 4));
    const deny = requestVoteReply(4, false);
    expect(follower.receive(2, requestVote(4, [9, 2])).effects).toEqual([
      persists(4),
      sends(2, deny),
    ]);
    expect(follower.receive(2, requestVote(5, [5, 3])).effects).toContainEqual(persists(5, 2));
  });
});

describe('§7 "the leader must occasionally send snapshots to followers that lag behind"', () => {
  test('§7 when it "has already discarded the next log entry that it needs to send"', () => {
    const node = sendingLeader();
    expect(sendingTo(node)).toEqual([[nodeId(2), snapshot]]);
  });

  test("M46 also with nothing in its log but the base", () => {
    const node = new MachineDriver({ hardState: hardState(3), log: logOf(1, 2), commitIndex: 2 });
    const all = snapshotAt([2, 2]);
    node.hear(published(all, 2));
    elect(node);
    const refusal = rejected({ term: 4, prev: 2, conflict: [1, null] });
    expect(node.receive(2, refusal).effects).toEqual([
      sends(2, installSnapshotRange({ term: 4, snapshot: all, offset: 0, size: 100 })),
    ]);
  });

  test("the next chunks go out as the peer says how much it has", () => {
    const node = sendingLeader();
    expect(node.receive(2, received(10)).effects).toEqual([chunk(10, 10), chunk(20, 5)]);
    expect(node.receive(2, received(20)).effects).toEqual([]);
    expect(node.receive(2, received(25)).effects).toEqual([]);
  });

  test("installed, it is led on by the log, and its file is let go", () => {
    const node = sendingLeader();
    node.receive(2, received(25));
    expect(node.receive(2, accepted({ term: 4, match: 4 })).effects).toEqual([
      sends(2, appendEntriesRange({ term: 4, prev: [4, 2], range: [5, 6], commit: 6 })),
    ]);
    expect(sendingTo(node)).toEqual([]);
    expect(node.context.leadership?.matchIndex.get(nodeId(2)) as number).toBe(4);
  });

  test("new entries go to the others meanwhile, and heartbeats to all", () => {
    const node = sendingLeader();
    const range = [7, 7] as const;
    const proposal = { type: "client.proposed" as const, commands: [command("a")] };
    expect(node.hear(proposal).effects.slice(1)).toEqual([
      sends(3, appendEntriesRange({ term: 4, prev: [6, 4], range, commit: 6 })),
    ]);
    expect(node.elapse(timing.heartbeatIntervalMs).effects).toEqual([
      opensRound(1),
      sends(2, appendEntriesRange({ term: 4, prev: [3, 2], round: 1, commit: 6 })),
      sends(3, appendEntriesRange({ term: 4, prev: [7, 4], round: 1, commit: 6 })),
    ]);
    node.written(7);
    expect(node.receive(3, accepted({ term: 4, match: 7 })).effects).toEqual([applies(7)]);
  });

  test("a newer one does not disturb the transfer under way", () => {
    const node = sendingLeader();
    expect(node.hear(published(snapshotAt([6, 4]), 4)).effects).toEqual([cuts(4)]);
    expect(sendingTo(node)).toEqual([[nodeId(2), snapshot]]);
    expect(node.receive(2, received(10)).effects).toEqual([chunk(10, 10), chunk(20, 5)]);
  });

  test("an answer to a chunk shows that the peer follows, and confirms reads", () => {
    const node = sendingLeader();
    node.lose(3);
    const ask = { type: "client.readRequested" as const, read: 1 };
    expect(node.hear(ask).effects).toContainEqual(opensRound(1));
    expect(node.receive(2, received(10, 1)).effects).toEqual([
      confirmsRound(1),
      confirmsRead(1, 6),
      chunk(10, 10, 1),
      chunk(20, 5, 1),
    ]);
    expect([...(node.context.leadership?.heard ?? [])]).toContain(nodeId(2));
    // …and nothing of what it holds.
    expect(node.context.leadership?.matchIndex.has(nodeId(2))).toBe(false);
  });

  test("M39 an answer from a disk that nobody counts confirms nothing", () => {
    const node = new MachineDriver({
      hardState: hardState(3),
      voters: votersUpTo(3, (id) => id !== 3),
      log: logOf(1, 1, 2, 2, 3),
      commitIndex: 5,
    });
    elect(node);
    node.written(6);
    node.receive(2, accepted({ term: 4, match: 6 }));
    node.hear({ type: "client.readRequested", read: 1 });
    const heard = node.context.leadership?.heard;
    expect(node.receive(3, received(10, 1))).toEqual({ state: "leader.serving", effects: [] });
    expect(node.context.leadership).toMatchObject({ quorumRound: 0, answeredRound: new Map() });
    expect(node.context.leadership?.heard).toEqual(heard ?? new Set());
  });

  test("M38 it hands its office to nobody whom it sends a snapshot", () => {
    const node = leaderWithSnapshot();
    node.receive(2, accepted({ term: 4, match: 6 }));
    node.lose(2);
    node.meet(2, { life: 2 });
    // It has lost what it had, and is far behind.
    const life = { life: 2 };
    node.elapse(timing.heartbeatIntervalMs);
    node.receive(2, rejected({ term: 4, prev: 6, conflict: [1, null] }), life);
    expect(sendingTo(node)).toHaveLength(1);
    expect(node.hear({ type: "transfer.requested", to: nodeId(2) }).state).toBe("leader.serving");
    expect(node.hear({ type: "transfer.requested", to: null }).state).toBe("leader.transferring");
    expect(node.context.leadership?.transferTo).toEqual(nodeId(3));
  });

  test("out of office it sends nothing more, whatever still comes in", () => {
    const node = sendingLeader();
    node.hear({ type: "client.readRequested", read: 1 });
    const effects: RaftEffect[] = [persists(5), declinesRead(1), leavesOffice];
    const late = chunkReply({ term: 5, snapshot, received: 0 });
    expect(node.receive(2, late).effects).toEqual(effects);
    expect(node.context.leadership).toBeNull();
    expect(node.receive(2, received(10)).effects).toEqual([]);
  });

  test("§5.2 a chunk of its own term from another leader would be a broken promise", () => {
    const node = leaderWithSnapshot();
    const rival = installSnapshot({ term: 4, snapshot, offset: 0, size: 10 });
    expect(() => node.receive(3, rival)).toThrow("two leaders in term 4");
  });
});
