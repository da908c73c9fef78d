/** Ours: which changes are refused, what is left of who has gone, and who is found elsewhere. */
import { describe, expect, test } from "bun:test";
import { MEMBERS_MAX, REMOVED_MAX } from "../../src/machines/raft/rules/change-members";
import type { ChangeRefusal } from "../../src/machines/raft/vocabulary";
import { type MembershipChange, nodeId } from "../../src/types";
import { elect, MachineDriver } from "./machine-driver";
import {
  adding,
  addressOf,
  appended,
  ask,
  declined,
  draft,
  leaderOf,
  learner,
  moving,
  promoting,
  refusalOf,
  removing,
  three,
  withLearner,
} from "./member-words";
import { accepted, appendsDrafts, diskOf, votersUpTo } from "./raft-words";

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
