import { expect, test } from "bun:test";
import { sentence, withoutAges } from "../../../../src/api/dashboard/page/view/sentences";

test("a sentence names its node and begins like one", () => {
  expect(sentence("this node leads term 2; nodes 1 and 3 follow this node", 2)).toBe(
    "Node 2 leads term 2; nodes 1 and 3 follow node 2",
  );
  expect(sentence("asking the cluster", null)).toBe("Asking the cluster");
});

test("a number stays with its unit", () => {
  expect(sentence("silent for 14 s, 3 of 3 days", null)).toBe("Silent for 14\u00a0s, 3 of 3 days");
});

test("what is read aloud is the same while only ages change", () => {
  const at = (ms: number) =>
    withoutAges(`all is well: node 2 leads term 4, last heard ${ms} ms ago; 3 of 3 voters`);
  expect(at(5)).toBe("all is well: node 2 leads term 4; 3 of 3 voters");
  expect(at(99.5)).toBe(at(5));
  expect(withoutAges("node 2 unreachable for 14 s: connection refused")).toBe(
    "node 2 unreachable: connection refused",
  );
});
