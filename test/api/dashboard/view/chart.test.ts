import { expect, test } from "bun:test";
import type { Chart } from "../../../../src/api/dashboard/page/answers";
import { arrowsOf, layoutInput } from "../../../../src/api/dashboard/page/view/chart-graph";
import { arrowTaken, litStates } from "../../../../src/api/dashboard/page/view/chart-lit";
import { chartShapes, roundedPath } from "../../../../src/api/dashboard/page/view/chart-shapes";
import { apiOnMap } from "../../asking";
import { moved } from "../samples";

const { ask } = apiOnMap();
const chartOf = async (machine: string) =>
  (await ask("GET", `/v1/inspect/chart?machine=${machine}`)).json() as Chart;
const raft = await chartOf("raft");
const arrows = arrowsOf(raft);

test("an arrow stands for all transitions between two states; one that stays has none", () => {
  const election = arrows.find(({ id }) => id === "follower.awaiting>preCandidate");
  expect(election?.transitions.length).toBeGreaterThan(1);
  expect(election?.lines).toContainEqual({ text: "electionTimeout", isTimer: true });
  expect(arrows.every(({ transitions }) => transitions.every(({ to }) => to !== null))).toBe(true);
  const moving = raft.transitions.filter(({ to }) => to !== null).length;
  expect(arrows.flatMap(({ transitions }) => transitions).length).toBe(moving);
});

test("beside an arrow stand three lines at most, and how many more there are", () => {
  const transitions = ["a", "b", "c", "d"].map((event) => ({
    from: "x",
    to: "y",
    event,
    guard: null,
    actions: [],
  }));
  const [arrow] = arrowsOf({ ...raft, transitions });
  expect(arrow?.lines.map(({ text }) => text)).toEqual(["a", "b", "and 2 more"]);
});

test("every state of every chart has a box, every arrow two ends", async () => {
  for (const name of raft.charts) {
    const chart = await chartOf(name);
    const input = layoutInput(chart, arrowsOf(chart));
    const boxed = (node: typeof input): readonly string[] =>
      (node.children ?? []).flatMap((child) => [child.id, ...boxed(child)]);
    const states = chart.states.filter(({ parent }) => parent !== null).map(({ id }) => id);
    expect(boxed(input).toSorted()).toEqual(states.toSorted());
    for (const { sources, targets } of input.edges ?? []) {
      for (const end of [...sources, ...targets]) expect(states).toContain(end);
    }
  }
});

test("a state is active, and so is all that it is in", () => {
  expect([...litStates("leader.serving")]).toEqual(["leader", "leader.serving"]);
  expect([...litStates(null)]).toEqual([]);
});

test("a transition went along the arrow of its event, at whichever level that begins", () => {
  const taken = (from: string, event: string, to: string) =>
    arrowTaken(arrows, moved(1, 1, { from, event, to }))?.id ?? null;
  expect(taken("follower.awaiting", "after electionTimeout", "preCandidate")).toBe(
    "follower.awaiting>preCandidate",
  );
  // The vote that makes the majority is counted in place; the arrow is that of the guard.
  expect(taken("candidate", "RequestVoteReply", "leader.serving")).toBe("candidate>leader");
  expect(taken("leader.serving", "term.superseded", "follower.awaiting")).toBe("leader>follower");
  expect(taken("follower.awaiting", "AppendEntries", "follower.leased")).toBe(
    "follower>follower.leased",
  );
  expect(arrowTaken(arrows, moved(1, 1, { from: null }))).toBeNull();
});

test("the layout's places become shapes, what is inside drawn after what is around it", () => {
  const [arrow] = arrows;
  const shapes = chartShapes(raft, arrows, {
    id: "chart",
    width: 300,
    height: 200,
    children: [
      {
        id: "follower",
        ...{ x: 10, y: 20, width: 200, height: 100 },
        children: [{ id: "follower.awaiting", x: 20, y: 50, width: 90, height: 34 }],
      },
    ],
    edges: [
      {
        id: arrow?.id ?? "",
        ...{ sources: [], targets: [] },
        labels: [{ text: "", x: 3, y: 4 }],
        sections: [{ id: "s", startPoint: { x: 0, y: 0 }, endPoint: { x: 9, y: 0 } }],
      },
    ],
  });
  expect(shapes.states.map(({ id, isCompound, isInitial }) => [id, isCompound, isInitial])).toEqual(
    [
      ["follower", true, true],
      ["follower.awaiting", false, true],
    ],
  );
  expect(shapes.arrows[0]).toMatchObject({ path: "M0 0L9 0", label: { x: 3, y: 4 } });
});

test("corners are round, as far as the legs are long enough", () => {
  const corner = [
    { x: 0, y: 0 },
    { x: 20, y: 0 },
    { x: 20, y: 8 },
  ];
  expect(roundedPath(corner)).toBe("M0 0L14 0Q20 0 20 4L20 8");
});
