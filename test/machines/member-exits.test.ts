/** Leaders that leave or hand over, and what they no longer change of their own accord. */
import { expect, test } from "bun:test";
import { nodeId } from "../../src/types";
import { timing } from "./machine-driver";
import { ask, check, leaderOf, learner, removing, three, withLearner } from "./member-words";
import { accepted, sends, timeoutNow, votersUpTo } from "./raft-words";

test("a removed leader changes nothing of its own accord any more, and hands over", () => {
  const node = leaderOf({ ...three, learners: [learner(4, { bound: false })] });
  node.meet(2);
  ask(node, removing(1), [1, 2, 3]);
  node.meet(4); // waits: a change is under way
  node.written(2);
  node.receive(2, accepted({ term: 1, match: 2 }));
  const { effects } = node.receive(3, accepted({ term: 1, match: 2 }));
  expect(effects).toContainEqual(sends(2, timeoutNow(1)));
});

test("nor does it move a member that has greeted it from elsewhere", () => {
  const node = leaderOf(three);
  node.meet(2);
  ask(node, removing(1), [1, 2, 3]);
  node.meet(3, { address: "new:1" });
  node.written(2);
  node.receive(2, accepted({ term: 1, match: 2 }));
  const { effects } = node.receive(3, accepted({ term: 1, match: 2 }));
  expect(effects).toContainEqual(sends(2, timeoutNow(1)));
});

test("no removal, forced or not, leaves too few bound voters to bind another", () => {
  const voters = votersUpTo(3, (id) => id !== 3);
  const node = leaderOf(voters);
  expect(ask(node, removing(2, true), [1]).effects[0]?.type).toBe("declineChange");
  expect(ask(node, removing(2), [1, 3]).effects[0]?.type).toBe("declineChange");
});

test("a leader that hands over changes nothing of its own accord", () => {
  const node = leaderOf(withLearner);
  node.meet(2);
  node.meet(3);
  node.meet(4);
  check(node, { 2: 1, 3: 1, 4: 1 });
  node.receive(2, accepted({ term: 1, match: 1 }));
  node.receive(3, accepted({ term: 1, match: 1 }));
  node.receive(4, accepted({ term: 1, match: 1 }));
  node.elapse(timing.electionTimeoutMs - 1);
  const { effects } = node.hear({ type: "transfer.requested", to: nodeId(2) });
  expect(effects).toContainEqual(sends(2, timeoutNow(1)));
  node.receive(2, accepted({ term: 1, match: 1 }));
  node.receive(3, accepted({ term: 1, match: 1 }));
  node.receive(4, accepted({ term: 1, match: 1 }));
  node.elapse(1);
  expect(node.context.log.lastIndex as number).toBe(1);
});

test("a removed leader that was handing over tells one voter to campaign, not two", () => {
  const node = leaderOf(votersUpTo(4));
  for (const peer of [2, 3, 4]) node.meet(peer);
  ask(node, removing(1));
  node.hear({ type: "transfer.requested", to: nodeId(3) });
  node.written(2);
  node.receive(2, accepted({ term: 1, match: 2 }));
  const { effects } = node.receive(3, accepted({ term: 1, match: 2 }));
  const told = effects.flatMap((e) =>
    e.type === "send" && e.message.type === "TimeoutNow" ? [Number(e.to)] : [],
  );
  expect(told).toHaveLength(1);
});
