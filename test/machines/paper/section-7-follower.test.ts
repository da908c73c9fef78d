/** Raft §7, figure 13: what a follower makes of InstallSnapshot. */
import { describe, expect, test } from "bun:test";
import { diskId, nodeId } from "../../../src/types";
import { campaign, preCampaign, timing } from "../machine-driver";
import {
  abandons,
  accepted,
  appendEntries,
  appends,
  applies,
  entriesFrom,
  preVote,
  receivesChunk,
  rejected,
  sends,
  snapshotAt,
} from "../raft-words";
import {
  chunk,
  failed,
  follower,
  loaded,
  receiveAll,
  received,
  snapshot,
} from "../receiving-words";

describe("§7 figure 13, step 1: a sender of an earlier term", () => {
  test('§7 "reply immediately if term < currentTerm"', () => {
    const node = follower([1]);
    expect(node.receive(2, chunk(0, { inTerm: 2, round: 4 }))).toEqual({
      state: "follower.awaiting",
      // Its round is of term 2: an answer to it confirms nothing in ours (M49).
      effects: [sends(2, received(0, { round: 0 }))],
    });
    expect(node.context).toMatchObject({ leaderId: null, receiving: null });
  });
});

describe("§7 figure 13, steps 2 to 4: chunk by chunk", () => {
  test('§7 "create new snapshot file if first chunk", "reply and wait for more"', () => {
    const node = follower([1]);
    expect(node.receive(2, chunk(0, { round: 2 }))).toEqual({
      state: "follower.leased",
      effects: [receivesChunk(snapshot, 0, 10), sends(2, received(10, { round: 2 }))],
    });
    expect(node.context).toMatchObject({
      leaderId: 2,
      leaderRound: 2,
      receiving: { snapshot, receivedBytes: 10, inTerm: 3 },
    });
    expect(node.receive(2, chunk(10)).effects).toEqual([
      receivesChunk(snapshot, 10, 10),
      sends(2, received(20)),
    ]);
  });

  test("a chunk before or behind the end is not taken: it says where to go on", () => {
    const node = follower([1]);
    expect(node.receive(2, chunk(10)).effects).toEqual([sends(2, received(0))]);
    expect(node.context.receiving).toBeNull();
    node.receive(2, chunk(0));
    for (const offset of [0, 5, 20]) {
      expect(node.receive(2, chunk(offset)).effects).toEqual([sends(2, received(10))]);
    }
    receiveAll(node);
    expect(node.receive(2, chunk(29, { size: 1 })).effects).toEqual([sends(2, received(30))]);
  });

  test("an empty chunk, or one beyond the end, is nothing but a sign of life", () => {
    const node = follower([1]);
    for (const malformed of [chunk(0, { size: 0 }), chunk(0, { size: 31 })]) {
      expect(node.receive(2, malformed)).toEqual({ state: "follower.leased", effects: [] });
    }
    expect(node.context.receiving).toBeNull();
  });

  test("M45 it does not campaign while chunks come in, nor while heartbeats do", () => {
    const node = follower([1]);
    for (const offset of [0, 10, 20]) {
      node.receive(2, chunk(offset));
      expect(node.elapse(timing.electionTimeoutMs - 1).state).toBe("follower.leased");
    }
    // While it is loaded the log is still behind the leader's, and says so.
    for (let beat = 0; beat < 3; beat++) {
      expect(node.receive(2, appendEntries({ term: 3, prev: [6, 2] }))).toEqual({
        state: "follower.leased",
        effects: [sends(2, rejected({ term: 3, prev: 6, conflict: [2, null] }))],
      });
      expect(node.elapse(timing.electionTimeoutMs - 1).state).toBe("follower.leased");
    }
    expect(node.receive(3, preVote(4, [9, 3])).effects).toEqual([]);
  });

  test("§5.2 candidates recognise their leader by a chunk too", () => {
    const waiting = follower([1]);
    preCampaign(waiting);
    expect(waiting.receive(2, chunk(0))).toEqual({
      state: "follower.leased",
      effects: [receivesChunk(snapshot, 0, 10), sends(2, received(10))],
    });
    const candidate = follower([1]);
    campaign(candidate);
    expect(candidate.receive(2, chunk(0, { inTerm: 4 }))).toEqual({
      state: "follower.leased",
      effects: [receivesChunk(snapshot, 0, 10), sends(2, received(10, { inTerm: 4 }))],
    });
  });
});

describe("a chunk from a stranger", () => {
  test("I18 a stranger's chunk changes nothing", () => {
    const node = follower([1]);
    const stranger = { disk: diskId("another disk") };
    expect(node.receive(2, chunk(0), stranger)).toEqual({
      state: "follower.awaiting",
      effects: [],
    });
    expect(node.context).toMatchObject({ leaderId: null, receiving: null });
    expect(node.context.peers.has(nodeId(2))).toBe(false);
  });
});

describe("a stale snapshot is refused", () => {
  const node = () => follower([1, 2, 2, 2, 2, 2, 3], { commitIndex: 6 });

  test("all of it is committed here: it is answered with what is held", () => {
    const one = node();
    expect(one.receive(2, chunk(0, { round: 3 }))).toEqual({
      state: "follower.leased",
      effects: [sends(2, accepted({ term: 3, match: 6, round: 3 }))],
    });
    expect(one.context).toMatchObject({ receiving: null, commitIndex: 6, verifiedIndex: 6 });
  });

  test("M54 never with more than the disk holds", () => {
    const one = follower([1, 2, 2]);
    const entries = entriesFrom(4, 2, 2, 2);
    one.receive(2, appendEntries({ term: 3, prev: [3, 2], entries, commit: 6 }));
    expect(one.receive(2, chunk(0)).effects).toEqual([sends(2, accepted({ term: 3, match: 3 }))]);
    expect(one.written(6).effects).toEqual([sends(2, accepted({ term: 3, match: 6 }))]);
  });

  test("also by a candidate", () => {
    const one = node();
    preCampaign(one);
    expect(one.receive(2, chunk(0))).toEqual({
      state: "follower.leased",
      effects: [sends(2, accepted({ term: 3, match: 6 }))],
    });
  });

  test("the log comes as far by itself: what came in is of no use any more", () => {
    const one = follower([1]);
    one.receive(2, chunk(0));
    const entries = entriesFrom(2, 2, 2, 2, 2, 2);
    expect(
      one.receive(2, appendEntries({ term: 3, prev: [1, 1], entries, commit: 5 })).effects,
    ).toEqual([appends(entries), applies(5)]);
    expect(one.receive(2, appendEntries({ term: 3, prev: [6, 2], commit: 6 })).effects).toEqual([
      applies(6),
      abandons(snapshot),
      sends(2, accepted({ term: 3, match: 1 })),
    ]);
    expect(one.context.receiving).toBeNull();
    expect(one.hear(loaded())).toEqual({ state: "follower.leased", effects: [] });
  });
});

describe('§7 figure 13, step 5: "discard any … snapshot with a smaller index"', () => {
  const newer = snapshotAt([8, 3], { byteLength: 30 });
  const older = snapshotAt([4, 2], { byteLength: 30 });
  const receiving = () => {
    const node = follower([1]);
    node.receive(2, chunk(0));
    return node;
  };

  test("a newer one takes its place, with its first chunk only", () => {
    const node = receiving();
    expect(node.receive(2, chunk(10, { of: newer })).effects).toEqual([
      sends(2, received(0, { of: newer })),
    ]);
    expect(node.context.receiving).toMatchObject({ snapshot });
    expect(node.receive(2, chunk(0, { of: newer })).effects).toEqual([
      abandons(snapshot),
      receivesChunk(newer, 0, 10),
      sends(2, received(10, { of: newer })),
    ]);
  });

  test("so does another file of the same state", () => {
    const other = snapshotAt([6, 2], { byteLength: 30, checksum: 8 });
    expect(receiving().receive(2, chunk(0, { of: other })).effects).toEqual([
      abandons(snapshot),
      receivesChunk(other, 0, 10),
      sends(2, received(10, { of: other })),
    ]);
  });

  test("a late chunk of an older one does not", () => {
    const node = receiving();
    expect(node.receive(2, chunk(0, { of: older })).effects).toEqual([
      sends(2, received(0, { of: older })),
    ]);
    expect(node.receive(2, chunk(10)).effects).toContainEqual(receivesChunk(snapshot, 10, 10));
  });

  test("M46 but a later leader has only the one it has", () => {
    const node = receiving();
    expect(node.receive(3, chunk(0, { of: older, inTerm: 4 })).effects.slice(1)).toEqual([
      abandons(snapshot),
      receivesChunk(older, 0, 10),
      sends(3, received(10, { of: older, inTerm: 4 })),
    ]);
    // That it goes on with the same file is as good.
    expect(node.receive(2, chunk(10, { of: older, inTerm: 5 })).effects.slice(1)).toEqual([
      receivesChunk(older, 10, 10),
      sends(2, received(20, { of: older, inTerm: 5 })),
    ]);
    expect(node.context.receiving).toMatchObject({ snapshot: older, inTerm: 5 });
  });

  test("one that could not be used is forgotten, and begins anew", () => {
    const node = receiveAll(follower([1]));
    expect(node.hear(failed(newer)).effects).toEqual([]);
    expect(node.context.receiving).toMatchObject({ receivedBytes: 30 });
    expect(node.hear(failed())).toEqual({ state: "follower.leased", effects: [] });
    expect(node.context.receiving).toBeNull();
    expect(node.receive(2, chunk(29, { size: 1 })).effects).toEqual([sends(2, received(0))]);
    expect(node.receive(2, chunk(0)).effects).toContainEqual(receivesChunk(snapshot, 0, 10));
  });
});
