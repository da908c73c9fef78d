import { expect, test } from "bun:test";
import type { Transition } from "../../src/observe/transition";
import { TransitionRing } from "../../src/observe/transition-ring";
import { nodeId, term } from "../../src/types";

const at = (seq: number): Transition => ({
  seq,
  node: nodeId(1),
  machine: seq % 2 === 0 ? "raft" : "link/2",
  from: null,
  event: "started",
  to: "open",
  term: term(1),
  index: null,
  reason: "",
  monotonicMs: 0,
  wallMs: 0,
});
function ringOf(max: number, ...seqs: readonly number[]) {
  const ring = new TransitionRing(max);
  for (const seq of seqs) ring.add(at(seq));
  return { ring, from: (seq: number, limit = 10) => ring.from(seq, limit).map((t) => t.seq) };
}

test("an empty ring begins with what is to come", () => {
  const { from, ring } = ringOf(3);
  expect([ring.firstSeq, ring.lastSeq, from(1)]).toEqual([1, 0, []]);
});

test("the newest take the place of the oldest", () => {
  const { from, ring } = ringOf(3, 1, 2, 3, 4, 5);
  expect([ring.firstSeq, ring.lastSeq]).toEqual([3, 5]);
  expect([from(1), from(4), from(5), from(6)]).toEqual([[3, 4, 5], [4, 5], [5], []]);
  expect(from(1, 2)).toEqual([3, 4]);
});

test("numbers may be missing where a journal was damaged", () => {
  const { from } = ringOf(5, 2, 3, 8, 9);
  expect([from(1), from(4), from(8)]).toEqual([
    [2, 3, 8, 9],
    [8, 9],
    [8, 9],
  ]);
});

test("those that are wanted are found beyond those that are not", () => {
  const { ring } = ringOf(10, 1, 2, 3, 4, 5, 6);
  const raft = ring.from(1, 2, ({ machine }) => machine === "raft");
  expect(raft.map(({ seq }) => seq)).toEqual([2, 4]);
});
