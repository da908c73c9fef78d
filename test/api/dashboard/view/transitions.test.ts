import { expect, test } from "bun:test";
import {
  MERGED_MAX,
  mergeTransitions,
  ofMachine,
  stepOf,
} from "../../../../src/api/dashboard/page/view/transitions";
import { moved } from "../samples";

const order = (nodes: Parameters<typeof mergeTransitions>[0]) =>
  mergeTransitions(nodes).map(({ node, seq }) => `${node}/${seq}`);

test("the nodes' transitions become one story by wall time", () => {
  expect(order([[moved(1, 10), moved(1, 30)], [moved(2, 20)], []])).toEqual([
    "1/10",
    "2/20",
    "1/30",
  ]);
});

test("a node's own order is kept where its clock was set back", () => {
  const back = moved(1, 5, { seq: 2 });
  expect(order([[moved(1, 30, { seq: 1 }), back], [moved(2, 20)]])).toEqual(["2/20", "1/1", "1/2"]);
});

test("at one and the same time the smaller id comes first, whichever was heard first", () => {
  expect(order([[moved(2, 10)], [moved(1, 10)]])).toEqual(["1/10", "2/10"]);
});

test("only the newest are told", () => {
  const many = Array.from({ length: MERGED_MAX + 2 }, (_, at) => moved(1, at));
  const told = mergeTransitions([many]);
  expect([told.length, told[0]?.seq]).toEqual([MERGED_MAX, 2]);
});

test("a machine is found by its name or its kind", () => {
  const all = [moved(1, 1), moved(1, 2, { machine: "link/2" }), moved(1, 3, { machine: "link/3" })];
  const found = (name: string | null) => ofMachine(all, name).map(({ seq }) => seq);
  expect([found("link"), found("link/3"), found("raft"), found(null)]).toEqual([
    [2, 3],
    [3],
    [1],
    [1, 2, 3],
  ]);
});

test("what begins or ends has one side only", () => {
  expect(stepOf(moved(1, 1))).toBe("follower.awaiting → preCandidate");
  expect(stepOf(moved(1, 1, { from: null, to: "open" }))).toBe("begins as open");
  expect(stepOf(moved(1, 1, { from: "open", to: null }))).toBe("open ends");
});
