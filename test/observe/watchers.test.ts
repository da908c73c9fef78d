/** Places among the transitions, and those who hold them. */
import { describe, expect, test } from "bun:test";
import { type Transition, transitionJson } from "../../src/observe/transition";
import { TransitionPlace, type Wanted } from "../../src/observe/transition-place";
import { TransitionRing } from "../../src/observe/transition-ring";
import { BEAT_MS, type Said, Watchers } from "../../src/observe/watchers";
import { nodeId, term } from "../../src/types";
import { VirtualClock } from "../actors/links/virtual-clock";

const at = (seq: number, machine = "raft"): Transition => ({
  seq,
  node: nodeId(1),
  machine,
  from: "a",
  event: "e",
  to: "b",
  term: term(1),
  index: null,
  reason: "because",
  monotonicMs: 0,
  wallMs: 0,
});
const idsOf = (said: readonly Said[]) =>
  said.map((one) => (one.kind === "event" ? (one.id ?? one.event) : one.kind));

function placed(wanted: Partial<Wanted> = {}, seqs = 5, max = 100) {
  const ring = new TransitionRing(max);
  for (let seq = 1; seq <= seqs; seq++) ring.add(at(seq, seq % 2 === 0 ? "raft" : "link/2"));
  const place = new TransitionPlace(ring, { machine: null, from: null, ...wanted });
  return { ring, place, take: () => idsOf(place.take()) };
}

describe("a place", () => {
  test("begins with the oldest, or where it is told, and goes on with what comes", () => {
    const { ring, take } = placed();
    expect(take()).toEqual([1, 2, 3, 4, 5]);
    expect(take()).toEqual([]);
    ring.add(at(6));
    expect(take()).toEqual([6]);
    expect(placed({ from: 4 }).take()).toEqual([4, 5]);
  });
  test("may be beyond the end", () => {
    const { ring, take } = placed({ from: 7 });
    ring.add(at(6));
    expect(take()).toEqual([]);
    ring.add(at(7));
    expect(take()).toEqual([7]);
  });
  test("has one machine, or all of a kind", () => {
    expect(placed({ machine: "raft" }).take()).toEqual([2, 4]);
    expect(placed({ machine: "link" }).take()).toEqual([1, 3, 5]);
    expect(placed({ machine: "link/3" }).take()).toEqual([]);
  });
  test("takes a long story piece by piece", () => {
    const { take } = placed({}, 150, 200);
    expect([take().length, take().length, take().length, take().length]).toEqual([64, 64, 22, 0]);
  });
  test("that is not kept any more is refused", () => {
    expect(() => placed({ from: 1 }, 5, 3)).toThrow(
      expect.objectContaining({
        code: "compacted",
        message: "the transitions of this node are kept from number 3 on",
      }),
    );
  });
  test("that is lost for slowness is told so at last", () => {
    const { ring, place, take } = placed({}, 3, 3);
    expect(take()).toEqual([1, 2, 3]);
    for (let seq = 4; seq <= 8; seq++) ring.add(at(seq));
    expect(place.isLost).toBe(true);
    expect(place.take()).toEqual([
      {
        kind: "end",
        code: "too_slow",
        says: "transitions from number 4 on were not taken in time: the node keeps them from 6 on",
      },
    ]);
  });
  test("resumes behind what was heard, or tells of the gap", () => {
    const resumed = (heard: number) => {
      const { place, take } = placed({}, 5, 3);
      place.resumeBehind(heard);
      return take();
    };
    expect([resumed(2), resumed(4), resumed(5)]).toEqual([[3, 4, 5], [5], []]);
    expect([resumed(1), resumed(6)]).toEqual([
      ["gap", 3, 4, 5],
      ["gap", 3, 4, 5],
    ]);
  });
  test("tells each as it is shown on a page", () => {
    const { place } = placed({ from: 5 });
    const data = transitionJson(at(5, "link/2"));
    expect(place.take()).toEqual([{ kind: "event", event: "transition", id: 5, data }]);
  });
});

describe("watchers", () => {
  function watching() {
    const clock = new VirtualClock();
    const watchers = new Watchers(clock);
    const news: Said[] = [];
    let calls = 0;
    const place = { isLost: false, take: () => news.splice(0) };
    const subscription = watchers.add(place, () => {
      calls += 1;
    });
    return { clock, watchers, news, subscription, callsNow: () => calls };
  }

  test("hear of news once, at the end of the turn", () => {
    const { callsNow, clock, watchers } = watching();
    watchers.tellSoon();
    watchers.tellSoon();
    expect(callsNow()).toBe(0);
    clock.settle();
    expect(callsNow()).toBe(1);
  });
  test("hear a sign of life where there is nothing else", () => {
    const { clock, news, subscription } = watching();
    clock.advance(BEAT_MS);
    expect(subscription.take()).toEqual([{ kind: "beat" }]);
    expect(subscription.take()).toEqual([]);
    clock.advance(BEAT_MS);
    news.push({ kind: "event", event: "x", data: "{}" });
    expect(subscription.take()).toHaveLength(1);
    expect(subscription.take()).toEqual([]);
  });
  test("that are gone cost nothing", () => {
    const { clock, subscription, watchers } = watching();
    expect(clock.pending).toBe(1);
    subscription.cancel();
    expect([clock.pending, watchers.count]).toEqual([0, 0]);
  });
  test("are told the end behind all that there was", () => {
    const { callsNow, news, subscription, watchers } = watching();
    news.push({ kind: "event", event: "x", data: "{}" });
    watchers.end();
    expect(callsNow()).toBe(1);
    expect(idsOf(subscription.take())).toEqual(["x", "end"]);
  });
});
