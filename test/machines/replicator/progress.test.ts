/** Where a leader looks next after a rejection, in a whole log and in a compacted one. */
import { describe, expect, test } from "bun:test";
import { compact, shapeBehind } from "../../../src/machines/log-shape";
import { backtrack } from "../../../src/machines/replicator/progress";
import { logIndex, term } from "../../../src/types";
import { logOf } from "../raft-words";

const rejection = (prev: number, [index, of]: readonly [number, number | null]) => ({
  prevLogIndex: logIndex(prev),
  conflictIndex: logIndex(index),
  conflictTerm: of === null ? null : term(of),
});

describe("one round trip for each conflicting term (§5.3)", () => {
  const leader = logOf(1, 1, 1, 4, 4, 5, 5, 6, 6, 6);

  test("the follower's log is too short: behind its end", () => {
    expect(backtrack(leader, logIndex(0), rejection(10, [5, null])) as number).toBe(5);
  });
  test("the leader has no entry of the conflicting term: before the first of them", () => {
    expect(backtrack(leader, logIndex(0), rejection(10, [4, 2])) as number).toBe(4);
  });
  test("the leader has some: behind its own last of them", () => {
    // The follower holds term 4 at 4…7, the leader at 4…5 only.
    expect(backtrack(leader, logIndex(0), rejection(7, [4, 4])) as number).toBe(6);
  });
  test("the leader's entries of that term come later: before the follower's first", () => {
    expect(backtrack(leader, logIndex(0), rejection(4, [2, 6])) as number).toBe(2);
  });
  test("it always goes back, never before the first index nor to what is acknowledged", () => {
    expect(backtrack(leader, logIndex(0), rejection(4, [9, null])) as number).toBe(4);
    expect(backtrack(leader, logIndex(0), rejection(1, [0, null])) as number).toBe(1);
    expect(backtrack(leader, logIndex(3), rejection(6, [1, null])) as number).toBe(4);
  });
});

describe("where to look in a compacted log", () => {
  test("the base is an entry too: a conflict of its term leads behind the last of them", () => {
    const whole = logOf(1, 1, 2, 2, 3, 3);
    for (const base of [1, 2, 3, 4]) {
      const log = compact(whole, logIndex(base));
      expect(backtrack(log, logIndex(0), rejection(6, [3, 2])) as number).toBe(5);
    }
    const restarted = shapeBehind({ lastIndex: logIndex(4), lastTerm: term(2) });
    expect(backtrack(restarted, logIndex(0), rejection(6, [3, 2])) as number).toBe(5);
  });
  test("a conflict that begins before the base, of a term it has not, is one at the base", () => {
    const log = compact(logOf(1, 1, 3, 3, 3, 3), logIndex(4));
    expect(backtrack(log, logIndex(0), rejection(6, [3, 2])) as number).toBe(3);
  });
});
