import { expect, test } from "bun:test";
import { entriesBehind, logBar, logScale } from "../../../../src/api/dashboard/page/view/log-bars";
import { liveOf, peerOf } from "../samples";

const marks = (
  snapshotIndex: number,
  appliedIndex: number,
  commitIndex: number,
  lastIndex: number,
) => ({
  snapshotIndex,
  appliedIndex,
  commitIndex,
  lastIndex,
});

test("all logs share one scale, which ends with the longest", () => {
  const logs = [marks(0, 100, 150, 200), marks(50, 100, 100, 100)];
  const scale = logScale(logs, "all");
  expect(scale).toEqual({ firstIndex: 0, lastIndex: 200 });
  expect(logs.map((log) => logBar(log, scale))).toEqual([
    { snapshot: 0, applied: 0.5, committed: 0.75, last: 1 },
    { snapshot: 0.25, applied: 0.5, committed: 0.5, last: 0.5 },
  ]);
});

test("the last entries can be looked at closely; what lies before them is cut off", () => {
  const log = marks(9_000, 9_950, 9_950, 10_000);
  expect(logBar(log, logScale([log], 100))).toEqual({
    snapshot: 0,
    applied: 0.5,
    committed: 0.5,
    last: 1,
  });
  expect(logScale([marks(0, 5, 5, 5)], 100).firstIndex).toBe(0);
});

test("an empty cluster has a scale", () => {
  expect(logScale([], "all")).toEqual({ firstIndex: 0, lastIndex: 1 });
});

test("how far a follower is behind is the leader's word alone", () => {
  const log = { ...liveOf(1).log, last_index: 100 };
  const leader = liveOf(1, { log, peers: [{ ...peerOf(2, {}), match_index: 93 }, peerOf(3, {})] });
  expect([2, 3, 1].map((id) => entriesBehind(leader, id))).toEqual([7, null, null]);
  expect(entriesBehind(null, 2)).toBeNull();
});
