/** Thesis §4, "Cluster membership changes": one server at a time. */
import { describe, expect, test } from "bun:test";
import { MEMBERS_MAX, REMOVED_MAX } from "../../../src/machines/raft/rules/change-members";
import type { ChangeRefusal } from "../../../src/machines/raft/vocabulary";
import {
  type Configuration,
  diskId,
  type EntryDraft,
  logIndex,
  type MembershipChange,
  nodeId,
} from "../../../src/types";
import { campaign, elect, MachineDriver, timing } from "../machine-driver";
import {
  accepted,
  appendEntries,
  appendsDrafts,
  applies,
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

const three = votersUpTo(3);
const addressOf = (id: number) => `node-${id}:9080`;
const learner = (id: number, { bound = true, stays = false } = {}) => ({
  id: nodeId(id),
  peerAddress: addressOf(id),
  diskId: bound ? diskOf(id) : null,
  stays,
});
const withLearner: Configuration = { ...three, learners: [learner(4)] };
const draft = (configuration: Configuration): EntryDraft => ({
  kind: "configuration",
  configuration,
});

const adding = (id: number, peerAddress = addressOf(id)): MembershipChange => ({
  kind: "add",
  id: nodeId(id),
  peerAddress,
  stays: false,
});
const removing = (id: number, force = false): MembershipChange => ({
  kind: "remove",
  id: nodeId(id),
  force,
});
const promoting = (id: number): MembershipChange => ({ kind: "promote", id: nodeId(id) });
const moving = (id: number, peerAddress: string): MembershipChange => ({
  kind: "move",
  id: nodeId(id),
  peerAddress,
});

/** Asks for a change while these are reachable. */
const ask = (node: MachineDriver, change: MembershipChange, reachable = [1, 2, 3, 4, 5]) =>
  node.hear({
    type: "member.changeRequested",
    request: 7,
    change,
    reachable: reachable.map((id) => nodeId(id)),
  });
const appended = (index: number) =>
  ({ type: "changeAppended", request: 7, index: logIndex(index) }) as const;

function refusalOf(node: MachineDriver, change: MembershipChange, reachable?: number[]) {
  const { effects } = ask(node, change, reachable);
  const [effect] = effects;
  if (effects.length !== 1 || effect?.type !== "declineChange") throw new Error("it was made");
  return effect.refusal;
}
const declined = (code: ChangeRefusal["code"], words: string) => ({
  code,
  detail: expect.stringContaining(words),
});

/** Leads term 1, whose first entry is committed. */
function leaderOf(voters: Configuration, id = 1): MachineDriver {
  const node = new MachineDriver({ id, voters });
  elect(node);
  node.written(1);
  for (const peer of voters.voters) {
    if ((peer.id as number) !== id) node.receive(peer.id, accepted({ term: 1, match: 1 }));
  }
  return node;
}
/** One check of the quorum passes, with everyone heard. */
function check(node: MachineDriver, match: Readonly<Record<number, number>>) {
  for (const [peer, index] of Object.entries(match)) {
    node.receive(Number(peer), accepted({ term: 1, match: index }));
  }
  return node.elapse(timing.electionTimeoutMs);
}

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

describe("Thesis §4.1, Ongaro 2015: one change at a time, after an entry of the leader's own", () => {
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

  test("one that is to stay a learner stays one, and can be promoted by hand when it keeps up", () => {
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
    expect(node.receive(2, accepted({ term: 1, match: 2 })).state).toBe("leader.serving");
    const { effects, state } = node.receive(3, accepted({ term: 1, match: 2 }));
    expect(state).toBe("follower.awaiting");
    expect(effects).toEqual([applies(2), sends(2, timeoutNow(1)), leavesOffice]);
    expect(node.elapse(20 * timing.electionTimeoutMs).effects).toEqual([]);
  });

  test("goes on taking proposals meanwhile", () => {
    const node = leaderOf(three);
    ask(node, removing(1), [1, 2, 3]);
    const commands = [new Uint8Array(3)];
    expect(node.hear({ type: "client.proposed", commands }).state).toBe("leader.serving");
    expect(node.context.log.lastIndex as number).toBe(3);
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

describe("what is refused, and why", () => {
  const removed = [{ id: nodeId(9), diskId: diskOf(9) }];
  const node = leaderOf({ ...withLearner, removed });
  const refusals: readonly [string, MembershipChange, ChangeRefusal["code"], string][] = [
    ["an id that is in use", adding(2, "elsewhere:1"), "id_in_use", "node 2 is a member"],
    ["an id that was removed", adding(9), "id_removed", "never used again"],
    ["another's address", adding(5, addressOf(3)), "address_in_use", "of node 3"],
    ["to move to another's address", moving(2, addressOf(3)), "address_in_use", "of node 3"],
    ["to remove nobody", removing(8), "unknown_member", "node 8 is not a member"],
    ["to remove it again", removing(9), "unknown_member", "was removed"],
    ["to move nobody", moving(8, "elsewhere:1"), "unknown_member", "node 8"],
    ["to promote nobody", promoting(8), "unknown_member", "node 8"],
    ["to promote a voter", promoting(2), "already_voter", "a voter already"],
    ["to promote one that lags", promoting(4), "lags", "holds 0 of 1"],
  ];
  for (const [what, change, code, words] of refusals) {
    test(what, () => expect(refusalOf(node, change)).toEqual(declined(code, words)));
  }

  test("to lose the majority, with the arithmetic; but done by force", () => {
    const leader = leaderOf(three);
    const refusal = refusalOf(leader, removing(3), [1, 3]);
    expect(refusal).toEqual(declined("quorum_lost", "2 voters: 2 needed, 1 reachable"));
    expect(ask(leader, removing(3, true), [1, 3]).effects).toContainEqual(appended(2));
  });

  test("one that is down may go, as long as the others are a majority", () => {
    expect(ask(leaderOf(three), removing(3), [1, 2]).effects).toContainEqual(appended(2));
  });

  test("the last voter stays, force or not", () => {
    const only = new MachineDriver({ voters: votersUpTo(1) });
    while (only.state !== "candidate") only.timeOut();
    only.persisted(1, 1);
    only.written(1);
    expect(refusalOf(only, removing(1, true))).toEqual(declined("last_voter", "last voter"));
  });

  test(`more than ${MEMBERS_MAX} members`, () => {
    const full = {
      ...three,
      learners: Array.from({ length: MEMBERS_MAX - 3 }, (_, at) => learner(at + 4)),
    };
    expect(refusalOf(leaderOf(full), adding(99)).code).toBe("too_many");
  });
});

describe("tombstones", () => {
  const last = (node: MachineDriver) => node.context.configurations.at(-1)?.configuration;

  test("are left by whoever could have promised something", () => {
    const node = leaderOf(withLearner);
    ask(node, removing(4));
    expect(last(node)?.removed).toEqual([{ id: nodeId(4), diskId: diskOf(4) }]);
  });

  test("but not by a learner that was never there: its id may still be given", () => {
    const node = leaderOf({ ...three, learners: [learner(4, { bound: false })] });
    ask(node, removing(4));
    expect(last(node)).toEqual(three);
  });

  test(`are kept for the last ${REMOVED_MAX}`, () => {
    const removed = Array.from({ length: REMOVED_MAX }, (_, at) => ({
      id: nodeId(100 + at),
      diskId: null,
    }));
    const node = leaderOf({ ...withLearner, removed });
    ask(node, removing(4));
    const kept = last(node)?.removed.map(({ id }) => id as number);
    expect(kept).toHaveLength(REMOVED_MAX);
    expect([kept?.[0], kept?.at(-1)]).toEqual([101, 4]);
  });
});

describe("ours: a member that comes back elsewhere is moved", () => {
  test("by what it says in its greeting", () => {
    const node = leaderOf(three);
    const voters = three.voters.map((voter) =>
      (voter.id as number) === 3 ? { ...voter, peerAddress: "new:1" } : voter,
    );
    expect(node.meet(3, { address: "new:1" }).effects).toContainEqual(
      appendsDrafts([2, 1], [draft({ ...three, voters })]),
    );
  });

  test("the leader itself too; and not to where another is", () => {
    const moved = new MachineDriver({ voters: three, peerAddress: "new:1" });
    elect(moved);
    moved.written(1);
    moved.receive(2, accepted({ term: 1, match: 1 }));
    expect(moved.context.configurations.at(-1)?.configuration.voters[0]?.peerAddress).toBe("new:1");
    expect(leaderOf(three).meet(3, { address: addressOf(2) }).effects).toEqual([]);
  });

  test("one that announces what is known changes nothing", () => {
    expect(leaderOf(three).meet(3, { address: addressOf(3) }).effects).toEqual([]);
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
