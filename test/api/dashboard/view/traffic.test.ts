import { expect, test } from "bun:test";
import { flowsBetween } from "../../../../src/api/dashboard/page/view/traffic";
import { liveOf, peerOf } from "../samples";

const look = (ms: number, sent: Readonly<Record<string, number>>) =>
  liveOf(1, { monotonic_ms: ms, peers: [peerOf(2, sent)] });

test("a flow is what the counters grew by, a second", () => {
  const before = look(1_000, { AppendEntries: 10, answer: 1, bytes: 100 });
  const after = look(1_500, { AppendEntries: 15, answer: 3, bytes: 300 });
  expect(flowsBetween(before, after)).toEqual([
    { from: 1, to: 2, kind: "append", perSecond: 14, bytesPerSecond: 400 },
  ]);
});

test("a single vote tells more than the heartbeats around it", () => {
  const before = look(0, { AppendEntries: 1 });
  const after = look(1_000, { AppendEntries: 100, RequestVoteReply: 1 });
  expect(flowsBetween(before, after)[0]?.kind).toBe("votes");
});

test("a peer that is new counts from nothing, and so does a node that began anew", () => {
  expect(
    flowsBetween(liveOf(1, { monotonic_ms: 0 }), look(1_000, { PreVote: 2 }))[0],
  ).toMatchObject({
    kind: "votes",
    perSecond: 2,
  });
  const anew = flowsBetween(look(0, { AppendEntries: 900 }), look(1_000, { AppendEntries: 3 }));
  expect(anew[0]?.perSecond).toBe(3);
});

test("without time between two looks there is no pace", () => {
  expect(flowsBetween(look(5, {}), look(5, { PreVote: 1 }))).toEqual([]);
});

test("a link on which nothing passes is quiet", () => {
  expect(flowsBetween(look(0, {}), look(500, {}))[0]).toMatchObject({
    kind: "quiet",
    perSecond: 0,
  });
});
