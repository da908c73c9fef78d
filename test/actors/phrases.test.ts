import { expect, test } from "bun:test";
import { counted, duration, listed, nodes } from "../../src/actors/phrases";

test("a duration is as exact as a person wants it", () => {
  const said = [0, 0.4, 612, 999, 1_000, 1_250, 9_960, 14_400, 119_000, 120_000, 7_199_000, 7.2e6];
  expect(said.map(duration)).toEqual([
    ...["0 ms", "0 ms", "612 ms", "999 ms", "1 s", "1.3 s", "10 s", "14 s", "119 s"],
    ...["2 min", "120 min", "2 h"],
  ]);
});

test("a list is read as one reads it out", () => {
  expect([[], [1], [1, 2], [1, 2, 3]].map(listed)).toEqual(["none", "1", "1 and 2", "1, 2 and 3"]);
});

test("nodes go by their numbers", () => {
  const said = [[], [2], [3, 1], new Set([10, 9, 2])].map(nodes);
  expect(said).toEqual(["no node", "node 2", "nodes 1 and 3", "nodes 2, 9 and 10"]);
});

test("one is one, and none are many", () => {
  expect([0, 1, 2].map((count) => counted(count, "entry", "entries"))).toEqual([
    "0 entries",
    "1 entry",
    "2 entries",
  ]);
});
