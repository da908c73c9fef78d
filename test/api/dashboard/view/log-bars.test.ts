import { expect, test } from "bun:test";
import { logBar, logScale } from "../../../../src/api/dashboard/page/view/log-bars";

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
    { snapshot: 0, applied: 0.5, committed: 0.75, last: 1, behind: 0 },
    { snapshot: 0.25, applied: 0.5, committed: 0.5, last: 0.5, behind: 100 },
  ]);
});

test("the last entries can be looked at closely; what lies before them is cut off", () => {
  const log = marks(9_000, 9_950, 9_950, 10_000);
  expect(logBar(log, logScale([log], 100))).toEqual({
    snapshot: 0,
    applied: 0.5,
    committed: 0.5,
    last: 1,
    behind: 0,
  });
  expect(logScale([marks(0, 5, 5, 5)], 100).firstIndex).toBe(0);
});

test("an empty cluster has a scale", () => {
  expect(logScale([], "all")).toEqual({ firstIndex: 0, lastIndex: 1 });
});
