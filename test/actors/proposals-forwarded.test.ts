import { describe, expect, test } from "bun:test";
import { defaultLimits } from "../../src/actors/limits";
import { noLeader, outOfSpace } from "../../src/errors";
import { LEADER, OTHER } from "./waiting-world";
import { resultAt, writing } from "./writing-world";

const { retryDelayMs } = defaultLimits;

describe("writes on a follower", () => {
  test("go to the leader, and its answer is theirs", () => {
    const { ends, proposals, submit, world } = writing();
    world.route = LEADER;
    submit();
    world.clock.settle();
    const command = new Uint8Array([1]);
    expect(world.asked).toMatchObject([{ to: LEADER, request: { type: "propose", command } }]);
    world.answer({ type: "proposed", result: resultAt(8) });
    expect(ends).toEqual([resultAt(8)]);
    expect(proposals.underWay).toBe(0);
  });

  test("that came over a link are sent back, with or without a leader", () => {
    for (const route of [null, LEADER]) {
      const { ends, submit, world } = writing();
      world.route = route;
      submit({ isForwarded: true });
      world.clock.settle();
      expect(ends).toEqual(["no_leader, not_applied"]);
      expect(world.asked).toEqual([]);
    }
  });

  test("wait while there is no leader, and were not applied if there never is one", () => {
    const { ends, proposals, submit, world } = writing();
    submit({ timeoutMs: 100 });
    submit();
    world.clock.advance(100);
    expect(ends).toEqual(["no_leader, not_applied"]);
    world.route = LEADER;
    proposals.onRouteChanged();
    world.clock.settle();
    expect(world.asked.length).toBe(1);
  });

  test("wait while the link is closed, and are tried again every retryDelayMs", () => {
    const { ends, submit, world } = writing();
    world.route = LEADER;
    world.isLinkOpen = false;
    submit({ timeoutMs: 100 });
    submit();
    world.clock.advance(100);
    expect(ends).toEqual(["timeout, not_applied"]);
    world.isLinkOpen = true;
    world.clock.advance(retryDelayMs);
    expect(world.asked.length).toBe(1);
  });

  test("that the asked node sends back untouched find the next leader", () => {
    const { ends, fail, submit, world } = writing();
    world.route = LEADER;
    submit();
    world.clock.settle();
    world.route = OTHER;
    fail(noLeader("node 3 leads now"));
    world.clock.advance(retryDelayMs);
    expect(ends).toEqual([]);
    expect(world.asked.map(({ to }) => to)).toEqual([LEADER, OTHER]);
  });

  test("without a key are never sent again once bytes have left", () => {
    const { ends, submit, world } = writing();
    world.route = LEADER;
    submit();
    world.clock.settle();
    world.requests.onLinkLost(LEADER);
    world.clock.advance(1000);
    expect(ends).toEqual(["outcome_unknown, unknown"]);
    expect(world.asked.length).toBe(1);
  });

  test("with a key are sent again, and never called not applied after that", () => {
    const { ends, fail, submit, world } = writing();
    world.route = LEADER;
    submit({ isKeyed: true, timeoutMs: 500 });
    submit({ isKeyed: true });
    world.clock.settle();
    world.requests.onLinkLost(LEADER);
    world.clock.advance(retryDelayMs);
    expect(world.asked.length).toBe(4);
    fail(outOfSpace("full"));
    expect(ends).toEqual(["outcome_unknown, unknown"]);
    world.requests.onLinkLost(LEADER);
    world.route = null;
    world.clock.advance(1000);
    expect(ends).toEqual(Array(2).fill("outcome_unknown, unknown"));
  });

  test("whose time is up on the way have an unknown outcome", () => {
    const { ends, submit, world } = writing();
    world.route = LEADER;
    submit({ timeoutMs: 100 });
    world.clock.advance(200);
    world.answer({ type: "proposed", result: resultAt(1) });
    expect(ends).toEqual(["timeout, unknown"]);
  });
});
