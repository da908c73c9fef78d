/** Raft §6, "Cluster membership changes", as far as it exists: configurations that bind disks. */
import { describe, expect, test } from "bun:test";
import { type Configuration, diskId, type EntryDraft, nodeId } from "../../../src/types";
import { campaign, elect, MachineDriver, preCampaign, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  appends,
  appendsDrafts,
  applies,
  confirmsRead,
  entriesFrom,
  entryAt,
  hardState,
  logOf,
  noop,
  persists,
  preVote,
  preVoteReply,
  requestVote,
  requestVoteReply,
  sends,
  votersUpTo,
} from "../raft-words";

const unbound = votersUpTo(3, () => false);
const boundUpTo = (last: number) => votersUpTo(3, (id) => id <= last);
const bindingDraft = (configuration: Configuration): EntryDraft => ({
  kind: "configuration",
  configuration,
});
const inForce = (node: MachineDriver) => node.context.configurations.at(-1)?.configuration;

describe('§6 "a server always uses the latest configuration in its log, committed or not"', () => {
  test("§6 a follower uses a configuration from its entry on", () => {
    const node = new MachineDriver({ voters: unbound, hardState: hardState(1), log: logOf(1) });
    const entries = [entryAt([2, 1], boundUpTo(2)), ...entriesFrom(3, 1)];
    expect(node.receive(2, appendEntries({ term: 1, prev: [1, 1], entries })).effects).toEqual([
      appends(entries),
    ]);
    expect(inForce(node)).toEqual(boundUpTo(2));
  });

  test("M36 and returns to the one before when that entry is overwritten", () => {
    const node = new MachineDriver({ voters: unbound, hardState: hardState(1), log: logOf(1) });
    const entries = [entryAt([2, 1], boundUpTo(2)), entryAt([3, 1], boundUpTo(3))];
    node.receive(2, appendEntries({ term: 1, prev: [1, 1], entries }));
    expect(inForce(node)).toEqual(boundUpTo(3));
    node.receive(3, appendEntries({ term: 2, prev: [2, 1], entries: entriesFrom(3, 2) }));
    expect(inForce(node)).toEqual(boundUpTo(2));
    node.receive(2, appendEntries({ term: 3, prev: [1, 1], entries: entriesFrom(2, 3) }));
    expect(inForce(node)).toEqual(unbound);
  });

  test("§6 a leader uses its own at once", () => {
    const node = new MachineDriver({ voters: unbound });
    node.meet(2);
    elect(node);
    expect(inForce(node)).toEqual(boundUpTo(2));
  });
});

describe("§6 a server that is not in the configuration", () => {
  test("§6 neither campaigns nor votes, but follows a leader", () => {
    const node = new MachineDriver({ id: 4, hardState: hardState(1), log: logOf(1) });
    expect(node.elapse(20 * timing.electionTimeoutMs)).toEqual({
      state: "follower.awaiting",
      effects: [],
    });
    expect(node.receive(2, preVote(2, [1, 1])).effects).toEqual([sends(2, preVoteReply(1, false))]);
    expect(node.receive(2, requestVote(2, [1, 1])).effects).toEqual([
      persists(2),
      sends(2, requestVoteReply(2, false)),
    ]);
    expect(node.receive(3, appendEntries({ term: 2, prev: [1, 1] })).effects).toEqual([
      sends(3, accepted({ term: 2, match: 1 })),
    ]);
  });
});

describe("ours: the first entry of a cluster binds its founders to their disks", () => {
  test("it binds those met so far, if they are a majority", () => {
    const node = new MachineDriver({ voters: unbound });
    node.meet(2);
    expect(elect(node).effects).toContainEqual(appendsDrafts([1, 1], [bindingDraft(boundUpTo(2))]));
  });

  test("it stays blank where fewer have been met, and where there are bindings already", () => {
    const lonely = new MachineDriver({ voters: unbound });
    expect(elect(lonely).effects).toContainEqual(appendsDrafts([1, 1], [noop]));
    const bound = new MachineDriver({ voters: boundUpTo(2) });
    bound.meet(3);
    expect(elect(bound).effects).toContainEqual(appendsDrafts([1, 1], [noop]));
  });

  test("whoever has come or gone before stays so", () => {
    const removed = [{ id: nodeId(9), diskId: null }];
    const learners = [{ id: nodeId(4), peerAddress: "node-4:9080", diskId: null, stays: true }];
    const node = new MachineDriver({ voters: { ...unbound, learners, removed } });
    node.meet(2);
    elect(node);
    expect(inForce(node)).toEqual({ ...boundUpTo(2), learners, removed });
  });

  test("it stays blank behind a change that is not committed yet", () => {
    const removed = [{ id: nodeId(9), diskId: null }];
    const node = new MachineDriver({ voters: unbound });
    const changed = entryAt([1, 1], { ...unbound, removed });
    node.receive(2, appendEntries({ term: 1, prev: [0, 0], entries: [changed] }));
    node.written(1);
    node.meet(2);
    expect(elect(node).effects).toContainEqual(appendsDrafts([2, 2], [noop]));
  });

  test("§6 a founder met later is bound, and counts as soon as that is appended", () => {
    const node = new MachineDriver({ voters: unbound });
    node.meet(2);
    elect(node);
    node.written(1);
    node.receive(2, accepted({ term: 1, match: 1 }));
    expect(node.meet(3).effects[0]).toEqual(appendsDrafts([2, 1], [bindingDraft(boundUpTo(3))]));
    node.receive(3, accepted({ term: 1, match: 2 }));
    expect(node.written(2).effects).toEqual([applies(2)]);
  });

  test("Thesis §4.1 several met later are bound one by one, so that majorities overlap", () => {
    const node = new MachineDriver({ voters: votersUpTo(5, (id) => id <= 3) });
    node.meet(4);
    node.meet(5);
    elect(node);
    node.written(1);
    node.receive(2, accepted({ term: 1, match: 1 }));
    const four = bindingDraft(votersUpTo(5, (id) => id <= 4));
    expect(node.receive(3, accepted({ term: 1, match: 1 })).effects).toContainEqual(
      appendsDrafts([2, 1], [four]),
    );
  });

  test("M33 one change at a time, and none before this term's first commit", () => {
    const node = new MachineDriver({ voters: votersUpTo(5, (id) => id <= 3) });
    elect(node);
    expect(node.meet(4).effects).toEqual([]);
    node.written(1);
    node.receive(2, accepted({ term: 1, match: 1 }));
    const four = bindingDraft(votersUpTo(5, (id) => id <= 4));
    expect(node.receive(3, accepted({ term: 1, match: 1 })).effects).toContainEqual(
      appendsDrafts([2, 1], [four]),
    );
    expect(node.meet(5).effects).toEqual([]);
    node.written(2);
    node.receive(2, accepted({ term: 1, match: 2 }));
    expect(node.receive(3, accepted({ term: 1, match: 2 })).effects).toContainEqual(
      appendsDrafts([3, 1], [bindingDraft(votersUpTo(5))]),
    );
  });

  test("a follower binds nobody", () => {
    const node = new MachineDriver({ voters: unbound, log: logOf(1) });
    expect(node.meet(2)).toEqual({ state: "follower.awaiting", effects: [] });
  });
});

describe("ours: only the bound disk speaks for a member (M39, M40)", () => {
  const wiped = { disk: diskId("disk-2-wiped") };
  const bound = { hardState: hardState(3), log: logOf(1, 2, 3) };

  test("votes and pre-votes of another disk are not counted", () => {
    const node = new MachineDriver(bound);
    preCampaign(node);
    expect(node.receive(2, preVoteReply(4, true), wiped).state).toBe("preCandidate");
    expect(node.receive(2, preVoteReply(4, true)).state).toBe("candidate");
    node.persisted(4, 1);
    expect(node.receive(2, requestVoteReply(4, true), wiped).state).toBe("candidate");
    expect(node.receive(2, requestVoteReply(4, true)).state).toBe("leader.serving");
  });

  test("its acknowledgements neither commit nor confirm a read", () => {
    const node = new MachineDriver(bound);
    elect(node);
    node.written(4);
    expect(node.receive(2, accepted({ term: 4, match: 4 }), wiped).effects).toEqual([]);
    expect(node.receive(3, accepted({ term: 4, match: 4 })).effects).toEqual([applies(4)]);
    node.hear({ type: "client.readRequested", read: 7 });
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 1 }), wiped).effects).toEqual([]);
    expect(node.receive(2, accepted({ term: 4, match: 4, round: 1 })).effects).toContainEqual(
      confirmsRead(7, 4),
    );
  });

  test("nor do those of a member that no committed entry has bound", () => {
    const node = new MachineDriver({ ...bound, voters: boundUpTo(2) });
    elect(node);
    node.written(4);
    expect(node.receive(3, accepted({ term: 4, match: 4 })).effects).toEqual([]);
    expect(node.receive(2, accepted({ term: 4, match: 4 })).effects).toEqual([applies(4)]);
  });

  test("until a binding is committed this is plain Raft, and every voter counts", () => {
    const node = new MachineDriver({ ...bound, voters: unbound });
    campaign(node);
    node.persisted(4, 1);
    expect(node.receive(2, requestVoteReply(4, true), wiped).state).toBe("leader.serving");
  });
});
