import { describe, expect, test } from "bun:test";
import { MemberChanges } from "../../src/actors/member-changes";
import type { ChangeAnswer } from "../../src/actors/node-handle";
import type { ChangeRefusal } from "../../src/machines/raft/vocabulary";
import { logIndex, type MembershipChange, nodeId } from "../../src/types";
import { adding, moving, removing } from "../machines/member-words";
import { LEADER, OTHER, told, waitingWorld } from "./waiting-world";

const TIMEOUT_MS = 1000;

function changing() {
  const { parts, world } = waitingWorld();
  const offered: number[] = [];
  const ends: (ChangeAnswer | string)[] = [];
  let hasQuorum = true;
  const changes = new MemberChanges({
    ...parts,
    offer: (request) => offered.push(request),
    hasQuorum: () => hasQuorum,
  });
  return {
    world,
    changes,
    offered,
    ends,
    loseQuorum: () => {
      hasQuorum = false;
    },
    wish: (change: MembershipChange) => {
      changes.submit({
        change,
        isForwarded: false,
        timeoutMs: TIMEOUT_MS,
        settle: (end) => ends.push(told(end)),
      });
      world.clock.settle();
    },
  };
}

const refusal = (code: ChangeRefusal["code"]): ChangeRefusal => ({ code, detail: "no" });
const done = { index: logIndex(9), isPending: false };

describe("a change on the node that leads", () => {
  test("is done when it is committed", () => {
    const { changes, ends, offered, wish, world } = changing();
    world.route = "here";
    wish(adding(4));
    changes.onAppended(offered[0] ?? 0, logIndex(9));
    changes.onCommitted(logIndex(8));
    expect(ends).toEqual([]);
    changes.onCommitted(logIndex(9));
    expect(ends).toEqual([done]);
  });

  test("is refused at once for what it is, and behind another operator's", () => {
    const { changes, ends, offered, wish, world } = changing();
    world.route = "here";
    wish(adding(1));
    changes.onDeclined(offered[0] ?? 0, refusal("id_in_use"));
    wish(adding(4));
    changes.onAppended(offered[1] ?? 0, logIndex(9));
    wish(adding(5));
    changes.onDeclined(offered[2] ?? 0, refusal("change_under_way"));
    expect(ends).toEqual(["membership_conflict, not_applied", "membership_conflict, not_applied"]);
  });

  test("waits for what the leader does of its own accord", () => {
    const { changes, ends, offered, wish, world } = changing();
    world.route = "here";
    wish(adding(4));
    changes.onDeclined(offered[0] ?? 0, refusal("change_under_way"));
    world.clock.advance(world.limits.retryDelayMs);
    expect(offered).toHaveLength(2);
    expect(ends).toEqual([]);
  });

  test("is pending where force leaves no majority, of unknown outcome without an office", () => {
    const { changes, ends, loseQuorum, offered, wish, world } = changing();
    world.route = "here";
    wish(removing(3));
    changes.onAppended(offered[0] ?? 0, logIndex(9));
    changes.onOfficeLeft();
    loseQuorum();
    wish(removing(3, true));
    changes.onAppended(offered[1] ?? 0, logIndex(10));
    expect(ends).toEqual(["outcome_unknown, unknown", { index: logIndex(10), isPending: true }]);
  });
});

describe("a change for another leader", () => {
  test("is sent once: with the link its outcome is lost", () => {
    const { ends, wish, world } = changing();
    world.route = LEADER;
    wish(adding(4));
    world.requests.onLinkLost(LEADER);
    world.clock.advance(TIMEOUT_MS);
    expect(world.asked).toHaveLength(1);
    expect(ends).toEqual(["outcome_unknown, unknown"]);
  });

  test("is sent again where it is a move, which may be the leader's own", () => {
    const { ends, wish, world } = changing();
    world.route = LEADER;
    wish(moving(LEADER, "elsewhere:1"));
    world.requests.onLinkLost(LEADER);
    world.route = OTHER;
    world.clock.advance(world.limits.retryDelayMs);
    const facts = { detail: "one at a time", outcome: "not_applied", retryable: true } as const;
    world.answer({ type: "failed", code: "membership_conflict", facts });
    world.clock.advance(world.limits.retryDelayMs);
    expect(world.asked.map(({ to }) => to)).toEqual([LEADER, OTHER, OTHER]);
    world.answer({ type: "membersChanged", ...done });
    expect(ends).toEqual([done]);
  });

  test("is of unknown outcome once it was lost, whatever is said of the next try", () => {
    for (const next of ["nobody", "refused"] as const) {
      const { ends, wish, world } = changing();
      world.route = LEADER;
      wish(moving(nodeId(3), "elsewhere:1"));
      world.requests.onLinkLost(LEADER);
      if (next === "nobody") world.route = null;
      world.clock.advance(world.limits.retryDelayMs);
      const facts = { detail: "no", outcome: "not_applied", retryable: false } as const;
      if (next === "refused") world.answer({ type: "failed", code: "membership_conflict", facts });
      world.clock.advance(TIMEOUT_MS);
      expect(ends).toEqual(["outcome_unknown, unknown"]);
    }
  });
});
