/** Thesis §4, "Cluster membership changes": one server at a time. */
import { describe, expect, test } from "bun:test";
import { type Configuration, diskId, nodeId } from "../../../src/types";
import { campaign, elect, MachineDriver, timing } from "../machine-driver";
import {
  adding,
  appended,
  ask,
  check,
  declined,
  draft,
  leaderOf,
  learner,
  promoting,
  refusalOf,
  removing,
  three,
  withLearner,
} from "../member-words";
import {
  accepted,
  appendEntries,
  appendsDrafts,
  applies,
  declinesProposals,
  diskOf,
  entriesFrom,
  entryAt,
  hardState,
  leavesOffice,
  preVote,
  preVoteReply,
  requestVote,
  requestVoteReply,
  sends,
  timeoutNow,
  votersUpTo,
} from "../raft-words";

describe("Thesis §4.1 a change takes effect as soon as it is appended", () => {
  test("a new node is a learner: it gets the log at once, and has no say", () => {
    const node = leaderOf(three);
    const wanted = { ...three, learners: [learner(4, { bound: false })] };
    const { effects } = ask(node, adding(4));
    expect(effects).toContainEqual(appendsDrafts([2, 1], [draft(wanted)]));
    expect(effects).toContainEqual(appended(2));
    expect(node.replicators).toContain("replicator-4");
    node.written(2);
    expect(node.receive(4, accepted({ term: 1, match: 2 })).effects).toEqual([]);
    expect(node.receive(2, accepted({ term: 1, match: 2 })).effects).toContainEqual(applies(2));
  });

  test("a removed voter gets nothing more and counts no more", () => {
    const node = leaderOf(votersUpTo(4));
    ask(node, removing(4));
    expect(node.replicators).toEqual(["replicator-2", "replicator-3"]);
    node.written(2);
    // Two of three are a majority; before, it took three of four.
    expect(node.receive(2, accepted({ term: 1, match: 2 })).effects).toContainEqual(applies(2));
    const { matchIndex } = node.context.leadership ?? {};
    expect([...(matchIndex?.keys() ?? [])].map(Number).sort()).toEqual([2, 3]);
  });

  test("a follower goes by the latest entry in its log, and back when that is overwritten", () => {
    const node = new MachineDriver({ id: 2, voters: three });
    const entry = entryAt([1, 1], votersUpTo(5));
    node.receive(1, appendEntries({ term: 1, prev: [0, 0], entries: [entry] }));
    expect(node.context.configurations.at(-1)?.configuration.voters).toHaveLength(5);
    node.receive(3, appendEntries({ term: 2, prev: [0, 0], entries: entriesFrom(1, 2) }));
    expect(node.context.configurations.at(-1)?.configuration.voters).toHaveLength(3);
  });
});

describe("Thesis §4.1, Ongaro 2015: one change at a time, after one of the leader's own", () => {
  test("none before the term has committed one (M33)", () => {
    const node = new MachineDriver({ voters: three });
    elect(node);
    expect(refusalOf(node, adding(4))).toEqual(declined("not_ready", "its own term"));
  });

  test("none while another is not committed", () => {
    const node = leaderOf(three);
    ask(node, adding(4));
    expect(refusalOf(node, adding(5))).toEqual(declined("change_under_way", "entry 2"));
    node.written(2);
    node.receive(2, accepted({ term: 1, match: 2 }));
    expect(ask(node, adding(5)).effects).toContainEqual(appended(3));
  });

  test("nobody but the leader makes any, nor does one that is handing over", () => {
    const follower = new MachineDriver({ voters: three });
    expect(refusalOf(follower, adding(4)).code).toBe("not_leader");
    const node = leaderOf(three);
    node.meet(2);
    node.hear({ type: "transfer.requested", to: null });
    expect(refusalOf(node, adding(4)).code).toBe("not_leader");
  });
});

describe("Thesis §4.2.1 a learner is promoted once it keeps up", () => {
  test("a round that ends within an election timeout makes it a voter", () => {
    const node = leaderOf(withLearner);
    check(node, { 2: 1, 4: 0 });
    const { effects } = check(node, { 2: 1, 4: 1 });
    expect(effects).toContainEqual(appendsDrafts([2, 1], [draft(votersUpTo(4))]));
  });

  test("a longer one does not; the next may", () => {
    const node = leaderOf(withLearner);
    check(node, { 2: 1 });
    check(node, { 2: 1 });
    check(node, { 2: 1, 4: 1 });
    expect(node.context.log.lastIndex as number).toBe(1);
    check(node, { 2: 1, 4: 1 });
    expect(node.context.log.lastIndex as number).toBe(2);
  });

  test("one that is to stay a learner does, and can be promoted by hand when it keeps up", () => {
    const stays = { ...three, learners: [learner(4, { stays: true })] };
    const node = leaderOf(stays);
    expect(refusalOf(node, promoting(4))).toEqual(declined("lags", "holds 0 of 1"));
    for (let checks = 0; checks < 3; checks++) check(node, { 2: 1, 4: 1 });
    expect(node.context.log.lastIndex as number).toBe(1);
    expect(ask(node, promoting(4)).effects).toContainEqual(
      appendsDrafts([2, 1], [draft(votersUpTo(4))]),
    );
  });

  test("one that nobody has met, or that is not heard now, is not promoted", () => {
    const unmet = leaderOf({ ...three, learners: [learner(4, { bound: false })] });
    for (let checks = 0; checks < 3; checks++) check(unmet, { 2: 1, 4: 1 });
    expect(unmet.context.log.lastIndex as number).toBe(1);
    const unheard = leaderOf(withLearner);
    check(unheard, { 2: 1, 4: 1 });
    check(unheard, { 2: 1 });
    expect(unheard.context.log.lastIndex as number).toBe(1);
  });

  test("answers under another disk than its own are nobody's", () => {
    const node = leaderOf(withLearner);
    node.receive(4, accepted({ term: 1, match: 1 }), { disk: diskId("replaced") });
    expect(node.context.leadership?.matchIndex.has(nodeId(4))).toBe(false);
  });
});

describe("Thesis §4.2.2 a leader that is removed", () => {
  test("replicates its own removal without counting itself, then steps down (figure 4.6)", () => {
    const node = leaderOf(three);
    node.meet(2);
    ask(node, removing(1), [1, 2, 3]);
    node.written(2);
    // Of two voters both are needed.
    expect(node.receive(2, accepted({ term: 1, match: 2 })).state).toBe("leader.leaving");
    const { effects, state } = node.receive(3, accepted({ term: 1, match: 2 }));
    expect(state).toBe("follower.awaiting");
    expect(effects).toEqual([applies(2), sends(2, timeoutNow(1)), leavesOffice]);
    expect(node.elapse(20 * timing.electionTimeoutMs).effects).toEqual([]);
  });

  test("Deviation: takes no proposals meanwhile, so that its successor holds its whole log", () => {
    const node = leaderOf(three);
    node.meet(2);
    const commands = [new Uint8Array(3)];
    node.hear({ type: "client.proposed", commands });
    ask(node, removing(1), [1, 2, 3]);
    expect(node.hear({ type: "client.proposed", commands })).toEqual({
      state: "leader.leaving",
      effects: [declinesProposals(commands)],
    });
    const { lastIndex } = node.context.log;
    node.receive(2, accepted({ term: 1, match: lastIndex }));
    const { effects, state } = node.receive(3, accepted({ term: 1, match: lastIndex }));
    expect(state).toBe("follower.awaiting");
    expect(effects).toContainEqual(sends(2, timeoutNow(1)));
  });
});

describe("Thesis §4.1 servers need not know each other to elect and to follow", () => {
  test("a candidate that our log does not know gets our vote", () => {
    const node = new MachineDriver({ voters: three, hardState: hardState(1) });
    expect(node.receive(7, requestVote(2, [3, 1])).effects).toContainEqual(
      sends(7, requestVoteReply(2, true)),
    );
  });

  test("a leader that our log does not know is followed", () => {
    const node = new MachineDriver({ voters: three });
    expect(node.receive(7, appendEntries({ term: 1, prev: [0, 0] })).state).toBe("follower.leased");
  });

  test("M61 a learner that has not heard of its promotion votes for one who has", () => {
    const node = new MachineDriver({ id: 4, voters: withLearner });
    expect(node.receive(2, preVote(1, [3, 1], { voterDisk: diskOf(4) })).effects).toEqual([
      sends(2, preVoteReply(1, true)),
    ]);
    expect(node.receive(2, preVote(1, [3, 1])).effects).toEqual([sends(2, preVoteReply(0, false))]);
  });

  test("M61 and does not campaign, nor is it asked for a vote", () => {
    const node = new MachineDriver({ id: 4, voters: withLearner });
    expect(node.elapse(20 * timing.electionTimeoutMs).effects).toEqual([]);
    const voter = new MachineDriver({ voters: withLearner });
    const asked = campaign(voter).effects.flatMap((e) => (e.type === "send" ? [e.to] : []));
    expect(asked.map(Number)).toEqual([2, 3]);
  });
});

test("M23 a member that left and its answers are forgotten together", () => {
  const node = leaderOf(votersUpTo(4));
  expect(node.context.leadership?.matchIndex.has(nodeId(4))).toBe(true);
  ask(node, removing(4));
  const { leadership } = node.context;
  expect([leadership?.matchIndex.has(nodeId(4)), leadership?.heard.has(nodeId(4))]).toEqual([
    false,
    false,
  ]);
  expect(node.receive(4, accepted({ term: 1, match: 2 })).effects).toEqual([]);
  expect(node.context.leadership?.matchIndex.has(nodeId(4))).toBe(false);
});

test("an entry of another leader's is adopted by its voters alone", () => {
  const node = new MachineDriver({ id: 3, voters: three });
  const gone: Configuration = { ...votersUpTo(2), removed: [{ id: nodeId(3), diskId: diskOf(3) }] };
  node.receive(
    1,
    appendEntries({ term: 1, prev: [0, 0], entries: [entryAt([1, 1], gone)], commit: 1 }),
  );
  node.written(1);
  expect(node.elapse(20 * timing.electionTimeoutMs).effects).toEqual([]);
  expect(node.context.currentTerm as number).toBe(1);
});
