import { expect, test } from "bun:test";
import { leaderOf, nodeView } from "../../../../src/api/dashboard/page/view/node-view";
import { roleOf, roleTitle } from "../../../../src/api/dashboard/page/view/roles";
import { liveOf, toldOf } from "../samples";

const fresh = (state: string, term = 3) =>
  ({ live: liveOf(1, { state, term }), isFresh: true, wasHeard: true }) as const;

test("a node's own fresh word outdoes what another tells of it", () => {
  expect(nodeView(toldOf(1), fresh("leader.serving"))).toMatchObject({
    presence: "live",
    role: "leader",
    state: "leader.serving",
    term: 3,
    log: { snapshotIndex: 0, appliedIndex: 10, commitIndex: 11, lastIndex: 12 },
  });
});

test("one that was never heard from here is shown as another tells it", () => {
  const silent = { live: null, isFresh: false, wasHeard: false };
  expect(nodeView(toldOf(2, { role: "Leader" }), silent)).toMatchObject({
    presence: "told",
    role: "leader",
    state: null,
    term: 2,
    log: { appliedIndex: 4, commitIndex: 5, lastIndex: 6 },
  });
  expect(nodeView(toldOf(2, { healthy: false, role: null }), silent)).toMatchObject({
    presence: "lost",
    role: "unknown",
  });
  expect(nodeView(toldOf(2, { commit_index: null }), silent).log).toBeNull();
});

test("one whose stream has ended is lost at once, whatever the others still think", () => {
  const lost = { ...fresh("leader.serving"), isFresh: false };
  expect(nodeView(toldOf(1, { healthy: true }), lost)).toMatchObject({
    presence: "lost",
    isHealthy: true,
    term: 3,
  });
});

test("the leader is the one of the highest term that is not lost", () => {
  const old = nodeView(toldOf(1), fresh("leader.serving", 3));
  const young = nodeView(toldOf(2), fresh("leader.transferring", 4));
  const gone = nodeView(toldOf(3), { ...fresh("leader.serving", 5), isFresh: false });
  expect(leaderOf([old, young, gone])?.id).toBe(2);
  expect(leaderOf([gone, nodeView(toldOf(2), fresh("candidate"))])).toBeNull();
});

test("roles are those of the paper", () => {
  const paths = ["leader.leaving", "follower.leased", "preCandidate", "candidate", "joining", null];
  expect(paths.map(roleOf)).toEqual([
    "leader",
    "follower",
    "candidate",
    "candidate",
    "joining",
    "unknown",
  ]);
  expect(roleTitle("candidate", "preCandidate")).toBe("Pre-candidate");
  expect(roleTitle("candidate", "candidate")).toBe("Candidate");
});
